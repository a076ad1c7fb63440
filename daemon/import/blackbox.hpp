// From the configuration of blackbox_exporter, and of the Prometheus that scrapes it, to one of whylink.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whylink::daemon::imports {

struct SourceFile {
    std::string name;  ///< of the file; relative paths in it are relative to its folder
    std::string_view text;
};

struct Imported {
    std::vector<std::string> errors;  ///< FILE:LINE:COLUMN: what; with any there is nothing else
    std::string toml;                 ///< a configuration that loads, where the files that it names are there
    std::vector<std::string> left_out;  ///< FILE:LINE: what has no equivalent; in the TOML as comments, too
};

/// More targets than this are an error.
inline constexpr std::size_t max_targets = 10'000;

/// `prometheus` null: the modules alone, as commented patterns for endpoints.
Imported import_blackbox(const SourceFile& blackbox, const SourceFile* prometheus);

}  // namespace whylink::daemon::imports
