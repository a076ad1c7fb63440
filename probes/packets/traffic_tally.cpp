#include "probes/packets/traffic_tally.hpp"

#include <algorithm>
#include <tuple>

namespace whylink::probes {
namespace {

unsigned& count_of(AttemptOutcome outcome, TrafficFacts& facts) {
    switch (outcome) {
        case AttemptOutcome::established:
            return facts.established;
        case AttemptOutcome::refused:
            return facts.refused;
        case AttemptOutcome::unanswered:
            return facts.unanswered;
        case AttemptOutcome::half_open:
            return facts.half_open;
        case AttemptOutcome::icmp_failed:
            break;
    }
    return facts.icmp_failed;
}

bool tell_before(const PeerTraffic& left, const PeerTraffic& right) {
    return std::tie(right.failed, right.attempts, left.peer, left.port) <
           std::tie(left.failed, left.attempts, right.peer, right.port);
}

}  // namespace

PeerTraffic& TrafficTally::peer_of(const PeerKey& key) {
    const auto found = peers_.find(key);
    if (found != peers_.end()) {
        return found->second;
    }
    if (peers_.size() >= max_peers) {
        peers_.erase(order_.front());
        order_.pop_front();
        ++forgotten_peers_;
    }
    order_.push_back(key);
    PeerTraffic& peer = peers_[key];
    peer.peer = key.first;
    peer.port = key.second;
    return peer;
}

void TrafficTally::decide(AttemptOutcome outcome, const IpAddress& peer, std::uint16_t peer_port) {
    ++counts_.attempts;
    ++count_of(outcome, counts_);
    PeerTraffic& told = peer_of({peer, peer_port});
    ++told.attempts;
    // Half open is neither: the other side was there, and did not go on.
    if (outcome == AttemptOutcome::established) {
        ++told.established;
    } else if (outcome != AttemptOutcome::half_open) {
        ++told.failed;
    }
}

TrafficFacts TrafficTally::take() {
    TrafficFacts facts = std::exchange(counts_, {});
    for (const auto& entry : peers_) {
        facts.peers.push_back(entry.second);
    }
    std::ranges::sort(facts.peers, tell_before);
    const std::size_t told = std::min(facts.peers.size(), max_peers_told);
    facts.further_peers = facts.peers.size() - told + std::exchange(forgotten_peers_, 0);
    facts.peers.resize(told);
    peers_.clear();
    order_.clear();
    return facts;
}

}  // namespace whylink::probes
