// Failures that are alike are one: what is wrong, who acts and what to do is the same for all of them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/report/human/marks.hpp"
#include "daemon/report/report.hpp"

namespace whylink::daemon {

/// Entries of the same cause, profile and results of the stages; never empty.
struct Group {
    Mark mark = Mark::good;
    std::vector<const ReportEntry*> entries;

    const ReportEntry& example() const { return *entries.front(); }
    bool alone() const { return entries.size() == 1; }
};

/// Worst first, and of the same badness what most targets share; else in the order of the report, whose entries they
/// point to. What is healthy is one group. `each`: every entry is a group of its own.
std::vector<Group> groups_of(const Report& report, bool each);

/// Since when the first of them is what it is; none in a one-shot report.
std::optional<std::chrono::system_clock::time_point> since(const Group& group);

/// As many of the names as have room: "a, b and 38 more".
std::string names_text(const Canvas& canvas, const std::vector<std::string>& names, std::size_t room);
std::vector<std::string> names_of(const Group& group);

}  // namespace whylink::daemon
