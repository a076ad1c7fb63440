#include "daemon/report/human/account_lines.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "checks/explain/text.hpp"

namespace whylink::daemon {
namespace {

using control::Read;
using control::Result;

constexpr auto stage = "API";

bool has_answer(const Read& read) {
    return read.result == Result::ok || read.result == Result::not_found;
}

std::string_view word(const Read& read, std::string_view name) {
    const auto found = std::ranges::find(read.facts, name, &control::Word::name);
    return found == read.facts.end() ? std::string_view() : std::string_view(found->value);
}

/// "private_endpoint pe": a Resource ID or an ARN is as long as a line.
std::string thing_of(const Read& read) {
    const std::string_view id = word(read, "id");
    const std::string_view end = id.substr(id.rfind('/') + 1);
    return end.empty() ? read.read : fmt::format("{} {}", read.read, end);
}

StageLine state_line(const Read& read) {
    return {.stage = stage,
            .mark = Mark::aside,
            .before = fmt::format("{} is ", thing_of(read)),
            .subjects = {std::string(word(read, "state"))},
            .after = fmt::format(" (account {})", read.account)};
}

/// Reads that failed alike are one line; each permission is named.
StageLine fault_line(const Read& read) {
    return {.stage = stage,
            .mark = Mark::warning,
            .before = fmt::format("account {}: {}: ", read.account, title(read.result)),
            .subjects = {read.detail.empty() ? read.read : read.detail}};
}

void add_fault(std::vector<StageLine>& lines, const Read& read) {
    StageLine line = fault_line(read);
    const auto alike = std::ranges::find(lines, line.before, &StageLine::before);
    if (alike == lines.end()) {
        lines.push_back(std::move(line));
    } else if (std::ranges::find(alike->subjects, line.subjects.front()) == alike->subjects.end()) {
        alike->subjects.push_back(std::move(line.subjects.front()));
    }
}

std::string whole_text(const Read& read) {
    std::string text =
        fmt::format("account {}, {} at {}", read.account, read.read, checks::time_text(read.read_at));
    if (read.result != Result::ok) {
        text += fmt::format(": {}", title(read.result));
    }
    for (const control::Word& said : read.facts) {
        text += fmt::format("; {} {}", said.name, said.value);
    }
    checks::append(text, read.detail);
    return text;
}

}  // namespace

std::vector<StageLine> account_lines(const TargetReadingsPtr& readings) {
    std::vector<StageLine> lines;
    if (readings == nullptr) {
        return lines;
    }
    for (const Read& read : readings->reads) {
        if (!has_answer(read)) {
            add_fault(lines, read);
        } else if (!word(read, "state").empty() && !read.targets.empty()) {
            lines.push_back(state_line(read));
        }
    }
    return lines;
}

std::vector<StageLine> all_account_lines(const TargetReadingsPtr& readings) {
    std::vector<StageLine> lines;
    if (readings != nullptr) {
        for (const Read& read : readings->reads) {
            lines.push_back({.stage = stage,
                             .mark = has_answer(read) ? Mark::aside : Mark::warning,
                             .before = whole_text(read)});
        }
    }
    return lines;
}

}  // namespace whylink::daemon
