#include "probes/packets/sequence.hpp"

#include <algorithm>

namespace whylink::probes {

void SequenceSpace::begin(std::uint32_t first) {
    first_ = first;
    reached_ = 0;
}

std::int64_t SequenceSpace::position(std::uint32_t sequence) const {
    if (!first_) {
        return 0;
    }
    const std::uint32_t farthest = *first_ + static_cast<std::uint32_t>(reached_);
    return reached_ + static_cast<std::int32_t>(sequence - farthest);
}

void SequenceSpace::reach(std::int64_t end) {
    reached_ = std::max(reached_, end);
}

std::int64_t Parts::overlap(std::int64_t begin, std::int64_t end) const {
    std::int64_t bytes = 0;
    for (const Part& part : parts_) {
        bytes += std::max<std::int64_t>(0, std::min(end, part.end) - std::max(begin, part.begin));
    }
    return bytes;
}

std::int64_t Parts::add(std::int64_t begin, std::int64_t end, std::uint32_t size) {
    if (begin >= end) {
        return 0;
    }
    const std::int64_t known = overlap(begin, end);
    Part merged{begin, end, size};
    const auto first = std::ranges::find_if(parts_, [&](const Part& p) { return p.end >= begin; });
    auto last = first;
    for (; last != parts_.end() && last->begin <= end; ++last) {
        merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end),
                  std::max(merged.largest, last->largest)};
    }
    if (first != last) {
        *first = merged;
        parts_.erase(first + 1, last);
    } else if (parts_.size() < max_parts) {
        parts_.insert(first, merged);
    }
    return known;
}

std::int64_t Parts::total() const {
    std::int64_t bytes = 0;
    for (const Part& part : parts_) {
        bytes += part.end - part.begin;
    }
    return bytes;
}

std::int64_t Parts::front() const {
    return !parts_.empty() && parts_.front().begin == 0 ? parts_.front().end : 0;
}

}  // namespace whylink::probes
