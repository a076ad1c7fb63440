// What the connections of a watch add up to within a window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <utility>

#include "probes/observation.hpp"

namespace whylink::probes {

/// How an attempt to connect came out.
enum class AttemptOutcome { established, refused, unanswered, half_open, icmp_failed };

class TrafficTally {
  public:
    static constexpr std::size_t max_peers = 1024;
    static constexpr std::size_t max_peers_told = 16;

    /// To be counted in directly; attempts, their outcomes and the peers are decide()'s.
    TrafficFacts& counts() { return counts_; }
    /// An attempt by or to this peer, in the window in which it is decided; each once.
    void decide(AttemptOutcome outcome, const IpAddress& peer, std::uint16_t peer_port);
    /// What was counted since the last time. The peers beyond `max_peers` that were first to come within the
    /// window are told as `further_peers` only.
    TrafficFacts take();

  private:
    using PeerKey = std::pair<IpAddress, std::uint16_t>;
    PeerTraffic& peer_of(const PeerKey& key);

    TrafficFacts counts_;
    std::map<PeerKey, PeerTraffic> peers_;
    std::list<PeerKey> order_;  ///< as they came
    std::size_t forgotten_peers_ = 0;
};

}  // namespace whylink::probes
