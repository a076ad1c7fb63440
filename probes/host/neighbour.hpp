// What this host knows of a neighbour on one of its links (rtnetlink(7), RTM_GETNEIGH). Needs no privilege.
#pragma once

#include <string>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

struct Neighbour {
    /// `known` with an entry that has a link-layer address, `unresolved` while it is asked for or was not answered,
    /// `unknown` where there is no entry, or the kernel does not say.
    NextHop state = NextHop::unknown;
    std::string link_address;  ///< "02:42:ac:11:00:02"; empty: none known
};

/// `device` is the index of the interface.
Neighbour neighbour(const IpAddress& address, int device);

}  // namespace whylink::probes
