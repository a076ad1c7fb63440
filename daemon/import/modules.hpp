// The modules of a blackbox.yml, and what each is as an endpoint.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/import/remarks.hpp"
#include "daemon/import/yaml.hpp"

namespace whylink::daemon::imports {

struct Module {
    std::string name;
    unsigned line = 1;
    std::string prober;  ///< "tcp", "http", ...
    /// Set: why no endpoint does what it does.
    std::optional<std::string> no_equivalent;
    bool tls = false;  ///< of `tcp`; of `http` the URL says it
    /// Of it counts what a module can say: `tls` (without its mode), `app`, `http_status`, `expect_script`, `family` and
    /// `source_address`.
    config::Endpoint endpoint;
    std::optional<config::Duration> timeout;
};

/// "10s", "1m30s", "500ms", "1d": Prometheus' durations. Nothing for what is none.
std::optional<config::Duration> parse_go_duration(std::string_view text);

/// `directory`: which relative paths in the file are relative to.
std::vector<Module> read_modules(const yaml::Node& root, const std::filesystem::path& directory,
                                 Remarks& remarks);

}  // namespace whylink::daemon::imports
