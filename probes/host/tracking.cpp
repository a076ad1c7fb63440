#include "probes/host/tracking.hpp"

#include <algorithm>
#include <vector>

#include "probes/host/proc_file.hpp"
#include "probes/host/text_parts.hpp"

namespace whylink::probes {
namespace {

constexpr std::string_view blank = " \t\n";

std::optional<std::uint64_t> only_number(std::string_view content) {
    const std::vector<std::string_view> words = split(content, blank);
    return words.size() == 1 ? number_of(words.front()) : std::nullopt;
}

/// The counter of this name, of all CPUs.
std::uint64_t sum_of(std::string_view statistics, std::string_view name) {
    std::uint64_t sum = 0;
    std::optional<std::size_t> column;
    for (const std::string_view line : split(statistics, "\n")) {
        const std::vector<std::string_view> words = split(line, blank);
        if (!column) {
            column = static_cast<std::size_t>(std::ranges::find(words, name) - words.begin());
        } else if (*column < words.size()) {
            sum += number_of(words[*column], 16).value_or(0);
        }
    }
    return sum;
}

}  // namespace

std::optional<TrackingFacts> parse_tracking(std::string_view count, std::string_view max,
                                            std::string_view statistics) {
    const std::optional<std::uint64_t> entries = only_number(count);
    const std::optional<std::uint64_t> most = only_number(max);
    if (!entries || !most || *most == 0) {
        return std::nullopt;
    }
    return TrackingFacts{*entries, *most, sum_of(statistics, "drop")};
}

std::optional<TrackingFacts> read_tracking() {
    return parse_tracking(read_proc_file("/proc/sys/net/netfilter/nf_conntrack_count"),
                          read_proc_file("/proc/sys/net/netfilter/nf_conntrack_max"),
                          read_proc_file("/proc/net/stat/nf_conntrack"));
}

}  // namespace whylink::probes
