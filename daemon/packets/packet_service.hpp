// Capture for the whole process: opens it, keeps the kernel's filter at what is of interest, and hands each
// packet to the rounds and watches that it belongs to.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/packets/measured.hpp"
#include "daemon/round/dns_stage.hpp"
#include "probes/packets/capture.hpp"
#include "probes/packets/tap.hpp"

namespace whylink::daemon {

/// What is to be captured.
struct CaptureWish {
    std::vector<std::uint16_t> ports;  ///< of endpoints, whatever their addresses
    std::vector<probes::FilterWish::Peer> resolvers;
    std::vector<config::Watch> watches;
};

CaptureWish capture_wish(std::span<const config::TargetPtr> targets, const SystemFiles& files);

/// The ports that follow-up tests of these may try as well; for one-shot commands, whose filter stays wide.
void add_follow_up_ports(CaptureWish& wish, std::span<const config::TargetPtr> targets);

/// Of the event loop's thread.
class PacketService {
  public:
    struct Hooks {
        /// Runs a job on another thread; false when it cannot. Empty: jobs run at once, for one-shot
        /// commands.
        std::function<bool(std::function<void()>)> beside;
        /// Capture was lost or is back: a line for the log.
        std::function<void(bool good, std::string text)> say;
    };
    PacketService(asio::io_context& loop, Hooks hooks);
    ~PacketService();
    PacketService(const PacketService&) = delete;
    PacketService& operator=(const PacketService&) = delete;

    /// Captures this from now on; nothing when it is off. Watches that are the same as before keep their
    /// state, and so does a capture of the same interface. A fault is this host's. When the settings insist on
    /// capture nothing has changed then; else there is none, and unless it is a want of permission it is
    /// tried again every ten seconds.
    std::optional<probes::LocalError> configure(const config::Capture& settings, CaptureWish wish);

    /// Null while nothing is captured. Rounds keep it as long as they hold flows of it.
    std::shared_ptr<probes::Tap> tap() const;
    /// A round is about to ask or connect there: lets its packets pass, even when the filter was made without
    /// knowing the address.
    void expect_endpoint(const IpAddress& address, std::uint16_t port);
    void expect_resolver(const IpAddress& address, std::uint16_t port);

    /// What happened since the last time; nothing for a watch that was not wanted. Without capture an
    /// observation whose `local` says why.
    Measured look(const config::Watch& watch);
    /// How long the watch has been looking, without a look().
    std::chrono::nanoseconds looking_for(const std::string& watch) const;

    bool up() const;
    /// Why nothing is captured; none while capture is up.
    std::optional<probes::LocalError> fault() const;
    const std::string& interface() const;  ///< as configured; empty when capture is off
    probes::CaptureCounts counts() const;
    CaptureOrigin origin() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "packets are not captured (socket: …)"
std::string not_captured_text(const probes::LocalError& error);
/// Ordinary for a user who may not capture; anything else is a mistake or a want of resources.
bool needs_permission(const probes::LocalError& error);

}  // namespace whylink::daemon
