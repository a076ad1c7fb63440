#include "daemon/import/scrape_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "config/document.hpp"
#include "daemon/import/modules.hpp"

namespace whylink::daemon::imports {
namespace {

using Kind = yaml::Node::Kind;

constexpr std::string_view default_module = "http_2xx";

/// A node of that place alone.
yaml::Node place_of(const yaml::Node& node) {
    yaml::Node place;
    place.line = node.line;
    place.column = node.column;
    place.key_line = node.key_line;
    return place;
}

class JobReader {
  public:
    JobReader(ScrapeJob& job, Remarks& remarks) : job_(job), remarks_(remarks) {}

    void read(const yaml::Node& from, std::optional<config::Duration> interval) {
        job_.at = place_of(from);
        job_.interval = interval_of(from, interval, remarks_);
        job_.module = module_of(from);
        const bool is_classic = read_rules(from);
        for (const auto& [key, value] : from.map) {
            if (key.ends_with("_sd_configs")) {
                leave_out(value, fmt::format("{} has no equivalent: add its targets by hand",
                                             config::toml_string(key)));
            }
        }
        if (!is_classic) {
            return leave_out(
                from, "no rule makes __address__ the parameter __param_target, so its targets are unknown");
        }
        if (const yaml::Node* groups = member(from, "static_configs", Kind::list, remarks_)) {
            for (const yaml::Node& group : groups->list) {
                read_group(group);
            }
        }
    }

    static std::optional<config::Duration> interval_of(const yaml::Node& from,
                                                       std::optional<config::Duration> fallback,
                                                       Remarks& remarks) {
        const yaml::Node* interval = member(from, "scrape_interval", Kind::scalar, remarks);
        if (interval == nullptr) {
            return fallback;
        }
        const auto parsed = parse_go_duration(interval->scalar);
        if (!parsed) {
            remarks.error(*interval, fmt::format("\"scrape_interval\" must be a duration; found {}",
                                                 config::toml_string(interval->scalar)));
        }
        return parsed;
    }

  private:
    void leave_out(const yaml::Node& at, const std::string& what) {
        remarks_.leave_out(at, fmt::format("job {}: {}", config::toml_string(job_.name), what));
    }

    std::string module_of(const yaml::Node& from) {
        const yaml::Node* parameters = member(from, "params", Kind::map, remarks_);
        const yaml::Node* modules =
            parameters == nullptr ? nullptr : member(*parameters, "module", Kind::list, remarks_);
        if (modules == nullptr || modules->list.empty()) {
            return std::string(default_module);
        }
        return modules->list.front().scalar;
    }

    // ---- relabel_configs ----

    static std::string only_source(const yaml::Node& rule) {
        const yaml::Node* sources = rule.find("source_labels");
        return sources != nullptr && sources->list.size() == 1 ? sources->list.front().scalar : std::string();
    }

    /// It hands the whole source on, unchanged.
    static bool copies(const yaml::Node& rule) {
        const auto is_one_of = [&rule](std::string_view key, std::initializer_list<std::string_view> good) {
            const yaml::Node* value = rule.find(key);
            return value == nullptr || std::ranges::find(good, value->scalar) != good.end();
        };
        return is_one_of("action", {"replace"}) && is_one_of("regex", {"(.*)", "(.+)"}) &&
               is_one_of("replacement", {"$1", "${1}"});
    }

    /// Whether a rule makes the target the parameter. The others of the classic form say where the exporter is.
    bool read_rules(const yaml::Node& from) {
        const yaml::Node* rules = member(from, "relabel_configs", Kind::list, remarks_);
        if (rules == nullptr) {
            return false;
        }
        bool is_classic = false;
        for (const yaml::Node& rule : rules->list) {
            const std::string source = only_source(rule);
            const std::string target = text_of(rule, "target_label", remarks_);
            const bool is_target = source == "__address__" && target == "__param_target" && copies(rule);
            const bool is_instance = source == "__param_target" && target == "instance" && copies(rule);
            const bool is_exporter = target == "__address__" && rule.find("source_labels") == nullptr;
            is_classic = is_classic || is_target;
            if (!is_target && !is_instance && !is_exporter) {
                leave_out(rule, "this rule of relabel_configs is not applied");
            }
        }
        return is_classic;
    }

    // ---- static_configs ----

    void read_group(const yaml::Node& group) {
        std::map<std::string, std::string> labels;
        if (const yaml::Node* given = member(group, "labels", Kind::map, remarks_)) {
            for (const auto& [name, value] : given->map) {
                labels.emplace(name, value.scalar);
            }
        }
        const yaml::Node* targets = member(group, "targets", Kind::list, remarks_);
        if (targets == nullptr) {
            return;
        }
        for (const yaml::Node& target : targets->list) {
            if (target.kind != Kind::scalar) {
                remarks_.error(target, "a target must be a scalar");
                continue;
            }
            job_.targets.push_back({target.scalar, place_of(target), labels});
        }
    }

    ScrapeJob& job_;
    Remarks& remarks_;
};

bool is_of_a_probe(const yaml::Node& job) {
    const yaml::Node* path = job.find("metrics_path");
    return path != nullptr && path->scalar.ends_with("/probe");
}

}  // namespace

std::vector<ScrapeJob> read_scrape_jobs(const yaml::Node& root, Remarks& remarks) {
    const yaml::Node* jobs = member(root, "scrape_configs", Kind::list, remarks);
    if (jobs == nullptr) {
        if (remarks.errors().empty()) {
            remarks.error(root, "missing \"scrape_configs\": this is no configuration of Prometheus");
        }
        return {};
    }
    // Prometheus' default.
    std::optional<config::Duration> interval = config::Duration(60'000);
    if (const yaml::Node* global = member(root, "global", Kind::map, remarks)) {
        interval = JobReader::interval_of(*global, interval, remarks);
    }
    std::vector<ScrapeJob> result;
    for (const yaml::Node& from : jobs->list) {
        if (!is_of_a_probe(from)) {
            continue;
        }
        ScrapeJob job;
        job.name = text_of(from, "job_name", remarks);
        JobReader(job, remarks).read(from, interval);
        result.push_back(std::move(job));
    }
    if (result.empty() && remarks.errors().empty()) {
        remarks.leave_out(root, "no job has a metrics_path that ends in /probe, so there are no targets");
    }
    return result;
}

}  // namespace whylink::daemon::imports
