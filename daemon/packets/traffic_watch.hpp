// One watch at work: adds up its traffic, keeps the latest packets, and asks who listens.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "daemon/packets/measured.hpp"
#include "probes/observation.hpp"
#include "probes/packets/traffic.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class TrafficWatch {
  public:
    /// Packets kept for evidence: the latest of the window, their headers alone unless the watch says
    /// otherwise.
    static constexpr std::size_t max_kept_bytes = 1U << 20;

    explicit TrafficWatch(config::Watch watch);

    /// The same for everything that this looks at; labels may differ.
    bool is_for(const config::Watch& watch) const;
    /// Capture begins or begins again; goes on where it is under way with the same link type. `missed` as
    /// in look().
    void begin(probes::LinkType link, std::uint64_t missed);
    /// Packets are seen again, after a time in which none could be: nobody knows whether it was silent.
    void resume();
    void set_local(std::vector<IpAddress> addresses);
    void packet(const probes::Packet& packet, const probes::Frame& frame);

    /// What happened since the last look. `missed` counts up with everything that keeps packets from being
    /// seen. After the `last` look nobody looks again.
    Measured look(std::uint64_t missed, bool last = false);
    /// Without capture: who listens, and why there is nothing else.
    Measured blind(const probes::LocalError& why) const;
    std::chrono::nanoseconds looking_for() const;

  private:
    struct Kept {
        probes::Nanoseconds time{};
        std::uint32_t wire_length = 0;
        std::vector<std::uint8_t> bytes;
    };
    void keep(const probes::Frame& frame);
    probes::KeptFrames take_frames();
    void add_listener(Measured& measured) const;

    config::Watch watch_;
    std::optional<probes::TrafficRecorder> recorder_;
    std::chrono::steady_clock::time_point began_{};
    probes::LinkType link_ = probes::LinkType::cooked_v2;
    std::uint64_t missed_ = 0;
    std::chrono::steady_clock::time_point seeing_since_{};
    /// What was missed before the window began may still decide an attempt within it.
    std::chrono::steady_clock::time_point missed_until_{};
    std::chrono::steady_clock::time_point looked_{};
    std::deque<Kept> kept_;
    std::size_t kept_bytes_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace whylink::daemon
