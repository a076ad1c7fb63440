#include "daemon/import/modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/ascii.hpp"
#include "config/document.hpp"

namespace whylink::daemon::imports {
namespace {

namespace fs = std::filesystem;
using Kind = yaml::Node::Kind;

struct Unit {
    std::string_view word;
    std::int64_t milliseconds;
};

constexpr std::array<Unit, 7> units{{{"ms", 1},
                                     {"s", 1'000},
                                     {"m", 60'000},
                                     {"h", 3'600'000},
                                     {"d", 86'400'000},
                                     {"w", 7 * 86'400'000LL},
                                     {"y", 365 * 86'400'000LL}}};

/// The text that a regular expression matches, where that is one text anywhere in a line; nothing for all others.
std::optional<std::string> literal_of(std::string_view pattern) {
    constexpr std::string_view special = ".*+?()[]{}|^$";
    if (pattern.starts_with('^')) {
        pattern.remove_prefix(1);
    }
    std::string text;
    while (!pattern.empty()) {
        const bool escaped = pattern.front() == '\\';
        if (escaped) {
            pattern.remove_prefix(1);
        }
        // Of letters and digits an escape makes a class or a reference.
        const bool is_text =
            !pattern.empty() && (escaped ? !is_letter(pattern.front()) && !is_digit(pattern.front())
                                         : special.find(pattern.front()) == std::string_view::npos);
        if (!is_text) {
            return std::nullopt;
        }
        text += pattern.front();
        pattern.remove_prefix(1);
    }
    return text.empty() ? std::nullopt : std::optional(text);
}

class ModuleReader {
  public:
    ModuleReader(Module& module, const fs::path& directory, Remarks& remarks)
        : module_(module), directory_(directory), remarks_(remarks) {}

    void read(const yaml::Node& from) {
        module_.prober = text_of(from, "prober", remarks_);
        if (const yaml::Node* timeout = member(from, "timeout", Kind::scalar, remarks_)) {
            module_.timeout = parse_go_duration(timeout->scalar);
            if (!module_.timeout) {
                remarks_.error(*timeout, fmt::format("\"timeout\" must be a duration; found {}",
                                                     config::toml_string(timeout->scalar)));
            }
        }
        if (module_.prober == "tcp") {
            read_tcp(section(from, "tcp"));
        } else if (module_.prober == "http") {
            module_.endpoint.app = config::App::http;
            read_http(section(from, "http"));
        } else if (module_.prober == "dns") {
            module_.no_equivalent =
                "prober \"dns\" asks a server; an endpoint asks for the name that it connects to. GET /probe has "
                "module \"dns\"";
        } else if (module_.prober.empty()) {
            remarks_.error(from,
                           fmt::format("missing \"prober\" in module {}", config::toml_string(module_.name)));
        } else {
            module_.no_equivalent =
                fmt::format("prober {} has no equivalent", config::toml_string(module_.prober));
        }
    }

  private:
    /// Empty where it is left out: the defaults are all there is then.
    const yaml::Node& section(const yaml::Node& from, std::string_view key) {
        static const yaml::Node none;
        const yaml::Node* found = member(from, key, Kind::map, remarks_);
        return found == nullptr ? none : *found;
    }

    void leave_out(const yaml::Node& at, const std::string& what) {
        remarks_.leave_out(at, fmt::format("module {}: {}", config::toml_string(module_.name), what));
    }

    /// Keys are named, never their values: some are secrets.
    template <std::size_t N>
    void leave_out_all_but(const yaml::Node& from, const std::array<std::string_view, N>& known,
                           std::string_view where) {
        for (const auto& [key, value] : from.map) {
            if (std::ranges::find(known, key) == known.end()) {
                leave_out(value, fmt::format("{} of {} has no equivalent", config::toml_string(key), where));
            }
        }
    }

    void read_tcp(const yaml::Node& tcp) {
        module_.tls = switch_of(tcp, "tls", false, remarks_);
        read_socket(tcp);
        read_tls(tcp);
        if (const yaml::Node* steps = member(tcp, "query_response", Kind::list, remarks_)) {
            read_script(*steps);
        }
        leave_out_all_but(
            tcp,
            std::array<std::string_view, 6>{"tls", "tls_config", "query_response", "preferred_ip_protocol",
                                            "ip_protocol_fallback", "source_ip_address"},
            "tcp");
    }

    void read_http(const yaml::Node& http) {
        read_socket(http);
        read_tls(http);
        if (const yaml::Node* method = member(http, "method", Kind::scalar, remarks_);
            method != nullptr && method->scalar != "GET") {
            leave_out(*method, "\"method\" has no equivalent: GET is what is sent");
        }
        if (const yaml::Node* codes = member(http, "valid_status_codes", Kind::list, remarks_)) {
            read_codes(*codes);
        }
        leave_out_all_but(http,
                          std::array<std::string_view, 10>{
                              "tls_config", "method", "valid_status_codes", "preferred_ip_protocol",
                              "ip_protocol_fallback", "source_ip_address", "follow_redirects",
                              "no_follow_redirects", "enable_http2", "valid_http_versions"},
                          "http");
    }

    void read_codes(const yaml::Node& codes) {
        for (const yaml::Node& code : codes.list) {
            const auto number = parse_number<unsigned>(code.scalar);
            if (!number || *number < 100 || *number > 599) {
                remarks_.error(code, fmt::format("a status code must be from 100 to 599; found {}",
                                                 config::toml_string(code.scalar)));
                continue;
            }
            module_.endpoint.http_status.push_back(*number);
        }
    }

    /// A preference alone changes nothing: every address is probed. Without a fallback it excludes the other family.
    void read_socket(const yaml::Node& from) {
        const std::string family = text_of(from, "preferred_ip_protocol", remarks_);
        if (!switch_of(from, "ip_protocol_fallback", true, remarks_)) {
            module_.endpoint.family = family == "ip4" ? config::Family::ipv4 : config::Family::ipv6;
        }
        if (const yaml::Node* source = member(from, "source_ip_address", Kind::scalar, remarks_)) {
            module_.endpoint.source_address = IpAddress::parse(source->scalar);
            if (!module_.endpoint.source_address) {
                remarks_.error(*source, fmt::format("\"source_ip_address\" must be an IP address; found {}",
                                                    config::toml_string(source->scalar)));
            }
        }
    }

    void read_tls(const yaml::Node& from) {
        const yaml::Node* settings = member(from, "tls_config", Kind::map, remarks_);
        if (settings == nullptr) {
            return;
        }
        config::Tls& tls = module_.endpoint.tls;
        tls.verify = !switch_of(*settings, "insecure_skip_verify", false, remarks_);
        tls.server_name = text_of(*settings, "server_name", remarks_);
        tls.ca_file = path_of(*settings, "ca_file");
        tls.cert_file = path_of(*settings, "cert_file");
        tls.key_file = path_of(*settings, "key_file");
        if (tls.cert_file.empty() != tls.key_file.empty()) {
            leave_out(*settings,
                      "a client certificate is a file of it and one of its key; neither is taken over");
            tls.cert_file.clear();
            tls.key_file.clear();
        }
        if (const yaml::Node* version = member(*settings, "min_version", Kind::scalar, remarks_)) {
            read_min_version(*version);
        }
        leave_out_all_but(*settings,
                          std::array<std::string_view, 6>{"insecure_skip_verify", "server_name", "ca_file",
                                                          "cert_file", "key_file", "min_version"},
                          "tls_config");
    }

    void read_min_version(const yaml::Node& version) {
        constexpr std::array<std::string_view, 4> names{"TLS10", "TLS11", "TLS12", "TLS13"};
        const auto found = std::ranges::find(names, version.scalar);
        if (found == names.end()) {
            remarks_.error(version, fmt::format("\"min_version\" must be one of {}; found {}",
                                                fmt::join(names, ", "), config::toml_string(version.scalar)));
            return;
        }
        module_.endpoint.tls.min_version = static_cast<config::TlsVersion>(found - names.begin());
    }

    std::string path_of(const yaml::Node& from, std::string_view key) {
        const std::string text = text_of(from, key, remarks_);
        return text.empty() ? text : (directory_ / text).lexically_normal().string();
    }

    // ---- query_response ----

    void read_script(const yaml::Node& steps) {
        std::vector<config::ExpectStep> script;
        for (const yaml::Node& step : steps.list) {
            if (const auto why = read_step(step, script)) {
                leave_out(step, fmt::format("\"query_response\" is left out: {}", *why));
                return;
            }
        }
        if (script.empty()) {
            return;
        }
        module_.endpoint.app = config::App::expect;
        module_.endpoint.expect_script = std::move(script);
    }

    /// Each step waits, then sends, then begins TLS. The fault, where it cannot be said in another way.
    std::optional<std::string> read_step(const yaml::Node& step, std::vector<config::ExpectStep>& script) {
        for (const auto& [key, value] : step.map) {
            if (key != "expect" && key != "send" && key != "starttls") {
                return fmt::format("{} has no equivalent", config::toml_string(key));
            }
        }
        if (const yaml::Node* expect = member(step, "expect", Kind::scalar, remarks_)) {
            const auto text = literal_of(expect->scalar);
            if (!text) {
                return "\"expect\" is a regular expression, and an endpoint waits for a text as it stands";
            }
            script.push_back({.send = {}, .expect = *text});
        }
        if (const yaml::Node* send = member(step, "send", Kind::scalar, remarks_)) {
            if (send->scalar.find('$') != std::string::npos) {
                return "\"send\" refers to what a regular expression matched";
            }
            // blackbox_exporter ends each line that it sends.
            script.push_back({.send = send->scalar + "\n", .expect = {}});
        }
        if (switch_of(step, "starttls", false, remarks_)) {
            script.push_back({.send = {}, .expect = {}, .starttls = true});
            module_.tls = true;
        }
        return std::nullopt;
    }

    Module& module_;
    const fs::path& directory_;
    Remarks& remarks_;
};

}  // namespace

std::optional<config::Duration> parse_go_duration(std::string_view text) {
    constexpr std::int64_t most = 10LL * 365 * 86'400'000;
    std::int64_t total = 0;
    const bool is_some = !text.empty();
    while (!text.empty()) {
        const std::size_t digits =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
        const auto number = parse_number<std::uint32_t>(text.substr(0, digits));
        text.remove_prefix(digits);
        const std::size_t letters =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) - text.begin());
        const auto unit = std::ranges::find(units, text.substr(0, letters), &Unit::word);
        text.remove_prefix(letters);
        if (!number || unit == units.end() || *number > (most - total) / unit->milliseconds) {
            return std::nullopt;
        }
        total += *number * unit->milliseconds;
    }
    return is_some ? std::optional(config::Duration(total)) : std::nullopt;
}

std::vector<Module> read_modules(const yaml::Node& root, const fs::path& directory, Remarks& remarks) {
    const yaml::Node* modules = member(root, "modules", Kind::map, remarks);
    if (modules == nullptr) {
        if (remarks.errors().empty()) {
            remarks.error(root, "missing \"modules\": this is no blackbox.yml");
        }
        return {};
    }
    std::vector<Module> result;
    for (const auto& [name, node] : modules->map) {
        Module module;
        module.name = name;
        module.line = node.line;
        ModuleReader(module, directory, remarks).read(node);
        if (module.no_equivalent) {
            remarks.leave_out(node,
                              fmt::format("module {}: {}", config::toml_string(name), *module.no_equivalent));
        }
        result.push_back(std::move(module));
    }
    return result;
}

}  // namespace whylink::daemon::imports
