// Adds real traffic up to facts, connection by connection, for a watch. Pure: fed packets in the order of
// their capture.
#pragma once

#include <cstdint>
#include <memory>

#include "config/config.hpp"
#include "probes/capture/packet.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// Bounded memory (a fixed number of connections and peers at once, the oldest forgotten first and counted),
/// whatever arrives.
class TrafficRecorder {
  public:
    /// `local` are this VM's own addresses: which end of a packet is ours. `began` as the packets' times.
    TrafficRecorder(const config::Watch& watch, std::vector<IpAddress> local, Nanoseconds began);
    ~TrafficRecorder();
    TrafficRecorder(TrafficRecorder&&) noexcept;
    TrafficRecorder& operator=(TrafficRecorder&&) noexcept;

    /// Addresses come and go.
    void set_local(std::vector<IpAddress> local);
    /// Any packet; those that the watch is not about are ignored. True when it was one of the watch's.
    bool add(const Packet& packet);
    /// What came since the last take(), as of `now`; connections that are under way go on. An attempt without
    /// an answer counts as unanswered once it is `answer_wait` old, in the window in which it becomes so.
    TrafficFacts take(Nanoseconds now);

    static constexpr Nanoseconds answer_wait = std::chrono::seconds(3);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::probes
