#include "daemon/import/blackbox.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "config/dns_name.hpp"
#include "config/document.hpp"
#include "config/duration.hpp"
#include "config/outside_text.hpp"
#include "config/resolver_text.hpp"
#include "config/values.hpp"
#include "daemon/import/modules.hpp"
#include "daemon/import/remarks.hpp"
#include "daemon/import/scrape_jobs.hpp"
#include "daemon/import/yaml.hpp"
#include "daemon/probe/http_url.hpp"

namespace whylink::daemon::imports {
namespace {

namespace fs = std::filesystem;
using config::toml_string;

/// The fault, where the target is none of the module's.
std::optional<std::string> take_target(const Module& module, const std::string& target,
                                       config::Endpoint& endpoint) {
    if (module.prober == "http") {
        const std::optional<HttpUrl> url = HttpUrl::parse(target);
        if (!url) {
            return "no URL of http or https without user and password";
        }
        endpoint.host = url->host;
        endpoint.port = url->port;
        endpoint.http_path = url->path;
        endpoint.tls.mode = url->tls ? config::TlsMode::required : config::TlsMode::off;
    } else {
        const auto place = config::parse_host_port(target);
        if (!place || !place->port) {
            return "not HOST:PORT";
        }
        endpoint.host = place->host;
        endpoint.port = *place->port;
        endpoint.tls.mode = module.tls ? config::TlsMode::required : config::TlsMode::off;
    }
    endpoint.address = IpAddress::parse(endpoint.host);
    return endpoint.address ? std::nullopt : host_name_fault(endpoint.host);
}

bool is_of(config::Family family, const IpAddress& address) {
    return family == config::Family::any || address.is_v4() == (family == config::Family::ipv4);
}

/// What the loader would refuse: a family or source address beside a host of the other family.
std::optional<std::string> fault_of_families(const config::Endpoint& endpoint) {
    const bool host_fits = !endpoint.address || is_of(endpoint.family, *endpoint.address);
    const auto& from = endpoint.source_address;
    const bool source_fits = !from || (is_of(endpoint.family, *from) &&
                                       (!endpoint.address || endpoint.address->is_v4() == from->is_v4()));
    return host_fits && source_fits ? std::nullopt
                                    : std::optional<std::string>("the module is for the other IP family");
}

config::Duration clamped(config::Duration value, config::Duration least, config::Duration most) {
    return std::clamp(value, least, most);
}

// ---- TOML ----

std::string step_lines(const config::ExpectStep& step) {
    std::string text = "[[endpoint.expect_script]]\n";
    if (!step.send.empty()) {
        text += "send = " + toml_string(step.send) + "\n";
    }
    if (!step.expect.empty()) {
        text += "expect = " + toml_string(step.expect) + "\n";
    }
    return step.starttls ? text + "starttls = true\n" : text;
}

std::string tls_lines(const config::Tls& tls) {
    std::string text;
    const auto add = [&text](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{} = {}\n", key, toml_string(value));
        }
    };
    add("server_name", tls.server_name);
    add("ca_file", tls.ca_file);
    add("cert_file", tls.cert_file);
    add("key_file", tls.key_file);
    text += tls.verify ? "" : "verify = false\n";
    if (tls.min_version != config::Tls{}.min_version) {
        add("min_version", std::string(slug(tls.min_version)));
    }
    return text;
}

std::string application_lines(const config::Endpoint& endpoint) {
    std::string text;
    if (endpoint.app != config::App::none) {
        text += fmt::format("app = {}\n", toml_string(slug(endpoint.app)));
    }
    if (endpoint.app == config::App::http && endpoint.http_path != "/") {
        text += fmt::format("http_path = {}\n", toml_string(endpoint.http_path));
    }
    if (!endpoint.http_status.empty()) {
        text += fmt::format("http_status = [{}]\n", fmt::join(endpoint.http_status, ", "));
    }
    return text;
}

/// Only what differs from the defaults.
std::string endpoint_lines(const config::Endpoint& endpoint) {
    std::string text = fmt::format("[[endpoint]]\nname = {}\nhost = {}\nport = {}\nprivate = false\n",
                                   toml_string(endpoint.name), toml_string(endpoint.host), endpoint.port);
    text += application_lines(endpoint);
    if (endpoint.family != config::Family::any) {
        text += fmt::format("family = {}\n", toml_string(slug(endpoint.family)));
    }
    if (endpoint.source_address) {
        text += fmt::format("source_address = {}\n", toml_string(endpoint.source_address->to_string()));
    }
    if (endpoint.interval != config::Common{}.interval) {
        text += fmt::format("interval = {}\n", toml_string(config::format_duration(endpoint.interval)));
    }
    if (endpoint.timeout != config::Common{}.timeout) {
        text += fmt::format("timeout = {}\n", toml_string(config::format_duration(endpoint.timeout)));
    }
    const bool tls = endpoint.tls.mode != config::TlsMode::off;
    text += tls ? "" : "tls = false\n";
    if (!endpoint.labels.empty()) {
        text += "[endpoint.labels]\n";
        for (const auto& [name, value] : endpoint.labels) {
            text += fmt::format("{} = {}\n", name, toml_string(value));
        }
    }
    if (const std::string lines = tls ? tls_lines(endpoint.tls) : ""; !lines.empty()) {
        text += "[endpoint.tls]\n" + lines;
    }
    for (const config::ExpectStep& step : endpoint.expect_script) {
        text += step_lines(step);
    }
    return text + "\n";
}

std::string commented(const std::string& lines) {
    std::string text;
    std::size_t at = 0;
    while (at < lines.size()) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        const std::string line = lines.substr(at, end - at);
        text += line.empty() ? "\n" : "# " + line + "\n";
        at = end + 1;
    }
    return text;
}

// ---- the two files together ----

class Import {
  public:
    Import(Remarks blackbox, Remarks prometheus)
        : blackbox_(std::move(blackbox)), prometheus_(std::move(prometheus)) {}

    Imported run(const SourceFile& blackbox, const SourceFile* prometheus) {
        const std::optional<yaml::Node> modules = parsed(blackbox, blackbox_);
        if (modules) {
            modules_ = read_modules(*modules, fs::absolute(blackbox.name).parent_path(), blackbox_);
        }
        if (prometheus != nullptr) {
            read_jobs(*prometheus);
        }
        Imported result;
        for (const Remarks* remarks : {&blackbox_, &prometheus_}) {
            add_printable(remarks->errors(), result.errors);
            add_printable(remarks->left_out(), result.left_out);
        }
        if (result.errors.empty()) {
            result.toml = head(result.left_out, prometheus != nullptr) + body_ +
                          (prometheus == nullptr ? patterns() : "");
        } else {
            result.left_out.clear();
        }
        return result;
    }

  private:
    static void add_printable(const std::vector<std::string>& from, std::vector<std::string>& to) {
        std::ranges::transform(from, std::back_inserter(to), printable);
    }

    static std::optional<yaml::Node> parsed(const SourceFile& file, Remarks& remarks) {
        auto root = yaml::parse(file.text);
        if (const auto* fault = std::get_if<yaml::Fault>(&root)) {
            remarks.error(fault->line, fault->column, fault->what);
            return std::nullopt;
        }
        return std::get<yaml::Node>(std::move(root));
    }

    void read_jobs(const SourceFile& prometheus) {
        const std::optional<yaml::Node> root = parsed(prometheus, prometheus_);
        if (!root) {
            return;
        }
        for (const ScrapeJob& job : read_scrape_jobs(*root, prometheus_)) {
            take(job);
        }
    }

    void take(const ScrapeJob& job) {
        const auto module = std::ranges::find(modules_, job.module, &Module::name);
        if (module == modules_.end()) {
            return leave_out(job, job.at,
                             fmt::format("{} has no module {}", blackbox_.file(), toml_string(job.module)));
        }
        if (module->no_equivalent) {
            return leave_out(job, job.at,
                             fmt::format("{} of module {}", *module->no_equivalent, toml_string(job.module)));
        }
        for (const ScrapeTarget& target : job.targets) {
            if (++targets_ > max_targets) {
                return prometheus_.error(target.at, fmt::format("more than {} targets", max_targets));
            }
            take(job, *module, target);
        }
    }

    void take(const ScrapeJob& job, const Module& module, const ScrapeTarget& target) {
        config::Endpoint endpoint = module.endpoint;
        auto fault = take_target(module, target.target, endpoint);
        if (!fault) {
            fault = fault_of_families(endpoint);
        }
        if (fault) {
            return leave_out(job, target.at,
                             fmt::format("target {} is left out: {}", toml_string(target.target), *fault));
        }
        endpoint.name = unique_name(job.name + ": " + target.target);
        take_labels(job, target, endpoint);
        take_times(job, module, endpoint);
        body_ += endpoint_lines(endpoint);
        ++taken_;
    }

    std::string unique_name(const std::string& wanted) {
        // Room for the number behind it.
        constexpr std::size_t most = 180;
        const std::size_t begin = std::min(wanted.find_first_not_of(' '), wanted.size());
        const std::string base = shortened(std::string_view(wanted).substr(begin), most);
        std::string name = base;
        while (!names_.insert(name).second) {
            name = fmt::format("{} ({})", base, ++repeated_[base] + 1);
        }
        return name;
    }

    void take_labels(const ScrapeJob& job, const ScrapeTarget& target, config::Endpoint& endpoint) {
        for (const auto& [name, value] : target.labels) {
            if (config::is_label_name(name)) {
                endpoint.labels.emplace(name, value);
            } else {
                leave_out(
                    job, target.at,
                    fmt::format("label {} is left out: a label of whylink's own has this name, or it is none",
                                toml_string(name)));
            }
        }
    }

    static void take_times(const ScrapeJob& job, const Module& module, config::Endpoint& endpoint) {
        using namespace std::chrono_literals;
        endpoint.interval =
            clamped(job.interval.value_or(endpoint.interval), 1s, std::chrono::hours(30 * 24));
        endpoint.timeout = clamped(module.timeout.value_or(endpoint.timeout), 10ms, 5min);
    }

    void leave_out(const ScrapeJob& job, const yaml::Node& at, const std::string& what) {
        prometheus_.leave_out(at, fmt::format("job {}: {}", toml_string(job.name), what));
    }

    std::string head(const std::vector<std::string>& left_out, bool with_jobs) const {
        std::string text = fmt::format("# Made by `whylink import blackbox` from {}{}.\n", blackbox_.file(),
                                       with_jobs ? " and " + prometheus_.file() : "");
        text = printable(text.substr(0, text.size() - 1)) + "\n";
        text +=
            "# blackbox_exporter accepts any address, so each endpoint has `private = false`. Remove it from private links\n"
            "# and add `expect`. A redirect counts as success and is not followed.\n"
            "# An endpoint probes every address of its name, not one of them.\n";
        if (!left_out.empty()) {
            text += "#\n# What has no equivalent:\n";
        }
        for (const std::string& line : left_out) {
            text += "#   " + line + "\n";
        }
        return text + "\n" +
               (taken_ == 0 ? "[daemon]\nallow_empty = true  # until there is an endpoint\n\n" : "");
    }

    std::string patterns() const {
        std::string text;
        for (const Module& module : modules_) {
            if (module.no_equivalent) {
                continue;
            }
            config::Endpoint endpoint = module.endpoint;
            endpoint.name = "NAME";
            endpoint.host = "HOST";
            const bool tls = module.tls || module.prober == "http";
            endpoint.port = tls ? 443 : 80;
            endpoint.tls.mode = tls ? config::TlsMode::required : config::TlsMode::off;
            endpoint.timeout = module.timeout.value_or(endpoint.timeout);
            text += fmt::format("## Module {}: an endpoint like this for each of its targets.\n\n{}\n",
                                printable(toml_string(module.name)), commented(endpoint_lines(endpoint)));
        }
        return text;
    }

    Remarks blackbox_;
    Remarks prometheus_;
    std::vector<Module> modules_;
    std::string body_;
    std::set<std::string> names_;
    std::map<std::string, unsigned> repeated_;  ///< how often a name was wanted again
    std::size_t targets_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace

Imported import_blackbox(const SourceFile& blackbox, const SourceFile* prometheus) {
    return Import(Remarks(blackbox.name), Remarks(prometheus == nullptr ? std::string() : prometheus->name))
        .run(blackbox, prometheus);
}

}  // namespace whylink::daemon::imports
