#include "probes/packets/kept_frames.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace whylink::probes {

void KeptFrames::add(const Frame& frame, std::size_t size) {
    const auto kept = frame.bytes.first(std::min(size, frame.bytes.size()));
    entries.push_back({frame.time, frame.wire_length, bytes.size(), kept.size(), {}});
    bytes.insert(bytes.end(), kept.begin(), kept.end());
}

Frame KeptFrames::frame(std::size_t index) const {
    const Entry& entry = entries[index];
    return {entry.time, entry.wire_length, std::span(bytes).subspan(entry.begin, entry.size)};
}

void KeptFrames::describe(std::string comment) {
    if (!entries.empty()) {
        entries.front().comment = std::move(comment);
    }
}

void KeptFrames::merge(KeptFrames other) {
    if (entries.empty()) {
        link = other.link;
    }
    for (Entry& entry : other.entries) {
        if (bytes.size() + entry.size > max_merged_bytes) {
            ++left_out;
            continue;
        }
        const auto kept = std::span(other.bytes).subspan(entry.begin, entry.size);
        entry.begin = bytes.size();
        bytes.insert(bytes.end(), kept.begin(), kept.end());
        entries.push_back(std::move(entry));
    }
    left_out += other.left_out;
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) { return a.time < b.time; });
}

}  // namespace whylink::probes
