#include "probes/packets/kept_frames.hpp"

#include <algorithm>

namespace whylink::probes {

void KeptFrames::add(const Frame& frame, std::size_t size) {
    const auto kept = frame.bytes.first(std::min(size, frame.bytes.size()));
    entries.push_back({frame.time, frame.wire_length, bytes.size(), kept.size()});
    bytes.insert(bytes.end(), kept.begin(), kept.end());
}

Frame KeptFrames::frame(std::size_t index) const {
    const Entry& entry = entries[index];
    return {entry.time, entry.wire_length, std::span(bytes).subspan(entry.begin, entry.size)};
}

void KeptFrames::merge(KeptFrames other) {
    if (entries.empty()) {
        link = other.link;
    }
    const std::size_t offset = bytes.size();
    bytes.insert(bytes.end(), other.bytes.begin(), other.bytes.end());
    entries.reserve(entries.size() + other.entries.size());
    for (Entry entry : other.entries) {
        entry.begin += offset;
        entries.push_back(entry);
    }
    left_out += other.left_out;
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) { return a.time < b.time; });
}

}  // namespace whylink::probes
