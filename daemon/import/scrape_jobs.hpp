// The jobs of a Prometheus configuration that scrape a blackbox_exporter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/import/remarks.hpp"
#include "daemon/import/yaml.hpp"

namespace whylink::daemon::imports {

struct ScrapeTarget {
    std::string target;  ///< as /probe gets it
    yaml::Node at;       ///< for remarks
    std::map<std::string, std::string> labels;
};

struct ScrapeJob {
    std::string name;
    yaml::Node at;  ///< for remarks
    std::string module;
    std::optional<config::Duration> interval;
    std::vector<ScrapeTarget> targets;
};

/// Jobs whose path ends in "/probe" and whose rules make the target of each the parameter `target`, as
/// blackbox_exporter's README has it. What such a job has besides is left out, with a remark.
std::vector<ScrapeJob> read_scrape_jobs(const yaml::Node& root, Remarks& remarks);

}  // namespace whylink::daemon::imports
