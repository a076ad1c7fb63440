#include "daemon/report/formats.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace whylink::daemon {

const ReportFormat* find_format(std::string_view slug) {
    const auto found = std::ranges::find(report_formats, slug, &ReportFormat::slug);
    return found == report_formats.end() ? nullptr : *found;
}

std::vector<std::string> format_slugs(const ReportFormat& first) {
    std::vector<std::string> slugs{std::string(first.slug)};
    for (const ReportFormat* format : report_formats) {
        if (format != &first) {
            slugs.emplace_back(format->slug);
        }
    }
    return slugs;
}

std::string one_of(const std::vector<std::string>& words) {
    return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

}  // namespace whylink::daemon
