// Sequence numbers (RFC 9293 section 3.4) as positions in a stream, and which parts of a stream were seen.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace whylink::probes {

/// Takes the sequence numbers of one end, modulo 2^32, to positions in its stream of payload: 0 is the byte
/// behind the SYN. A number means the position nearest to the farthest one so far, so that a stream may be
/// longer than 4 GiB; what lies before the beginning is negative.
class SequenceSpace {
  public:
    bool known() const { return first_.has_value(); }
    /// `first` is the sequence number of position 0. Positions of an earlier beginning mean nothing any more.
    void begin(std::uint32_t first);
    /// 0 as long as the beginning is not known.
    std::int64_t position(std::uint32_t sequence) const;
    /// Something ended there.
    void reach(std::int64_t end);
    std::int64_t reached() const { return reached_; }

  private:
    std::optional<std::uint32_t> first_;
    std::int64_t reached_ = 0;
};

/// Parts of a stream, from `begin` to before `end`.
struct Part {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint32_t largest = 0;  ///< of the sizes that were given with what is in it
};

/// Disjoint parts in order. Bounded: a part that touches no other one is not taken when there are
/// `max_parts`.
class Parts {
  public:
    static constexpr std::size_t max_parts = 256;

    /// Bytes of it that were there before. An empty or inverted part is nothing.
    std::int64_t add(std::int64_t begin, std::int64_t end, std::uint32_t size);
    /// Bytes of it that are there.
    std::int64_t overlap(std::int64_t begin, std::int64_t end) const;
    const std::vector<Part>& all() const { return parts_; }
    std::int64_t total() const;
    /// Where the first part ends when it begins at 0; 0 when there is none.
    std::int64_t front() const;

  private:
    std::vector<Part> parts_;
};

}  // namespace whylink::probes
