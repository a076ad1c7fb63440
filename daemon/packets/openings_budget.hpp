// How many connections of others this host may open before looking at each costs too much.
#pragma once

#include <chrono>
#include <cstdint>

#include "probes/packets/packet.hpp"

namespace whylink::daemon {

/// The filter lets through the SYNs that this host sends, whatever their address (probes::FilterWish::openings). A proxy
/// or a scanner sends so many that capturing them is felt.
class OpeningsBudget {
  public:
    static constexpr std::uint64_t max_per_second = 2000;
    static constexpr std::chrono::seconds span{10};  ///< over which that is an average

    /// True for the packet with which there are too many; then never again.
    bool add(const probes::Packet& packet);

  private:
    probes::Nanoseconds began_{};
    std::uint64_t count_ = 0;  ///< since then
    bool spent_ = false;
};

}  // namespace whylink::daemon
