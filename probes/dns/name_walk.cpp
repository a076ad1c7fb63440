#include "probes/dns/name_walk.hpp"

#include <arpa/nameser.h>

#include <algorithm>

namespace whylink::probes {

std::string NameWalk::fault() const {
    switch (end) {
        case End::root:
        case End::too_long:
            break;
        case End::cut_short:
            return "a name that runs past the end";
        case End::unknown_label:
            return "a label of an unknown kind";
        case End::loop:
            return "a compression loop";
        case End::too_many_pointers:
            return "a name of more than " + std::to_string(max_pointers) + " compression pointers";
    }
    return "a name of more than 255 bytes";
}

NameWalk walk_name(ByteSpan message, std::size_t at) {
    using End = NameWalk::End;
    NameWalk walk;
    std::size_t lowest = at;
    bool leads_forward = false;
    // A loop wins over the other ends, which it may lead to.
    const auto ended = [&](End end) {
        walk.end = leads_forward ? End::loop : end;
        return walk;
    };
    while (at < message.size() && message[at] != 0) {
        const unsigned length = message[at];
        if ((length & NS_CMPRSFLGS) == 0) {
            at += std::size_t{1} + length;
            ++walk.labels;
        } else if ((length & NS_CMPRSFLGS) != NS_CMPRSFLGS) {
            return ended(End::unknown_label);
        } else if (at + 1 >= message.size()) {
            return ended(End::cut_short);
        } else {
            at = read_16(message, at) & 0x3fffU;
            // A pointer goes to a prior occurrence, so each must lead further back than the last.
            leads_forward = leads_forward || (at >= lowest && at < message.size());
            lowest = std::min(lowest, at);
            ++walk.pointers;
        }
        if (!walk.is_bounded()) {
            return ended(walk.labels > max_labels ? End::too_long : End::too_many_pointers);
        }
    }
    return ended(at < message.size() ? End::root : End::cut_short);
}

}  // namespace whylink::probes
