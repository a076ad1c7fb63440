#include "checks/control/region_of_name.hpp"

#include <algorithm>
#include <vector>

namespace whylink::control {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

bool consists_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// "eu-west-1", "us-gov-east-1": two letters, words, a number.
bool is_region(std::string_view label) {
    const std::vector<std::string_view> parts = split(label, '-');
    constexpr std::size_t fewest = 3;
    return parts.size() >= fewest && parts.front().size() == 2 && consists_of(parts.back(), digits) &&
           std::all_of(parts.begin(), parts.end() - 1,
                       [](std::string_view part) { return consists_of(part, letters); });
}

}  // namespace

std::string region_of_name(std::string_view name) {
    const std::vector<std::string_view> labels = split(name, '.');
    const auto found = std::ranges::find_if(labels, is_region);
    return found == labels.end() ? std::string() : std::string(*found);
}

std::string region_of_names(std::span<const Subject> subjects) {
    std::string region;
    for (const Subject& subject : subjects) {
        std::vector<std::string> names{subject.host, subject.service};
        names.insert(names.end(), subject.names.begin(), subject.names.end());
        for (const std::string& name : names) {
            region = region.empty() ? region_of_name(name) : region;
        }
    }
    return region;
}

}  // namespace whylink::control
