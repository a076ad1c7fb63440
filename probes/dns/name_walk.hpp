// Walks along a name of a DNS message (RFC 1035 section 4.1.4) in a bounded number of steps, before anything reads it.
#pragma once

#include <cstddef>
#include <string>

#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {

/// A name has 255 bytes, and each label but the root takes two of them (RFC 1035 section 3.1).
inline constexpr unsigned max_labels = 127;
/// Names of real servers have a few.
inline constexpr unsigned max_pointers = 32;

/// Where a walk ended, and after how many steps.
struct NameWalk {
    enum class End { root, too_long, cut_short, unknown_label, loop, too_many_pointers };
    End end = End::root;
    unsigned labels = 0;
    unsigned pointers = 0;

    /// Whether the name may be read: a message of 64 KiB has room for thousands of names that lead to the same tens of
    /// thousands of labels or pointers, and its reader would take each step of each of them.
    bool is_bounded() const { return labels <= max_labels && pointers <= max_pointers; }
    /// What is wrong with a name that ns_name_uncompress(3) refuses or that is not bounded: "a compression loop". A name
    /// that ends at the root is too long then.
    std::string fault() const;
};

/// Never reads outside `message`, wherever `at` is.
NameWalk walk_name(ByteSpan message, std::size_t at);

}  // namespace whylink::probes
