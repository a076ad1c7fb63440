// Keeps the kernel's filter at what is of interest, without ever compiling on the event loop.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/packets/filter.hpp"

namespace whylink::daemon {

/// Two programs are kept ready. The wide one passes the configured ports of any address, and so whatever DNS
/// may answer next; the narrow one passes the addresses that rounds have used lately. The narrow one is in
/// force while nothing new comes; a new address brings the wide one back within microseconds, before its
/// first packet, and a narrow one with it is compiled beside the loop. Of the event loop's thread.
class FilterKeeper {
  public:
    using Peer = probes::FilterWish::Peer;
    struct Hooks {
        /// Runs a job on another thread; false when it cannot. Empty: at once, and the filter stays wide.
        std::function<bool(std::function<void()>)> beside;
        std::function<void(probes::CompiledFilterPtr)> set;
        std::function<void(const std::string&)> failed;  ///< libpcap's text: a defect of ours
        /// Without a new address, until the filter is made narrow. These come in bursts, after a start or a
        /// reload; and each exchange of filters hides what happens in its instant, so that the connections
        /// of that moment are not called complete.
        std::chrono::milliseconds quiet = std::chrono::seconds(30);
    };
    /// What the configuration asks for.
    struct Interest {
        std::vector<std::uint16_t> ports;  ///< of endpoints
        std::vector<Peer> resolvers;
        std::vector<probes::FilterWish::Traffic> watches;
        bool openings = false;  ///< FilterWish::openings
    };
    /// Endpoints that are remembered. Whoever owns a name's zone may answer with other addresses in each round: with more
    /// than these the wide filter stays for an hour, and nothing is remembered.
    static constexpr std::size_t max_endpoints = 1000;
    /// Resolvers beside the configured ones; the oldest gives way.
    static constexpr std::size_t max_further_resolvers = 16;

    FilterKeeper(asio::io_context& loop, Hooks hooks);
    ~FilterKeeper();
    FilterKeeper(const FilterKeeper&) = delete;
    FilterKeeper& operator=(const FilterKeeper&) = delete;

    /// Anew, for another capture or another configuration. The wide filter is compiled at once for a capture
    /// that has none yet, beside the loop otherwise.
    void begin(Interest interest, probes::LinkType link, int snapshot_length);
    void stop();
    void expect_endpoint(const Peer& peer);
    void expect_resolver(const Peer& peer);
    /// Until begin(): this host opens too many connections for each to be looked at.
    void leave_out_openings();
    /// A new configuration's filter is being compiled: its packets do not all pass yet.
    bool pending() const { return pending_; }
    /// Of what is in force.
    const std::string& text() const { return text_; }
    std::size_t endpoints_remembered() const { return used_.size(); }

  private:
    using Clock = std::chrono::steady_clock;
    struct Compiled {
        std::string text;
        probes::CompiledFilterPtr program;
    };
    void compile(probes::FilterWish wish, std::function<void(Compiled)> done);
    void put_in_force(const Compiled& filter);
    void take_wide(Compiled made);
    probes::FilterWish common_wish() const;
    probes::FilterWish wide_wish() const;
    void stay_wide(Clock::time_point now);
    void narrow_after(Clock::duration delay);
    void narrow();

    asio::io_context& loop_;
    Hooks hooks_;
    asio::steady_timer timer_;
    Interest interest_;
    probes::LinkType link_ = probes::LinkType::cooked_v2;
    int snapshot_length_ = 0;
    Compiled wide_;
    std::map<Peer, Clock::time_point> used_;       ///< endpoints, and when a round last did
    std::optional<Clock::time_point> wide_until_;  ///< set: there were too many of these
    std::size_t configured_resolvers_ = 0;         ///< the first ones of the interest
    std::uint64_t changes_ = 0;                    ///< of what a narrow filter would be made of
    bool narrow_in_force_ = false;                 ///< a filter of just these
    bool running_ = false;
    bool pending_ = false;
    std::string text_;
    std::uint64_t generation_ = 0;  ///< what is compiled for an earlier one is stale
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace whylink::daemon
