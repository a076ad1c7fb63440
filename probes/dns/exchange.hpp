// One question to one resolver on the wire: a c-ares channel on the Asio loop, and every raw datagram looked
// at.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "config/address.hpp"
#include "probes/dns/message.hpp"
#include "probes/observation.hpp"
#include "probes/packets/tap.hpp"

namespace whylink::probes {

struct DnsServer {
    IpAddress address;
    std::uint16_t port = 53;
    std::uint32_t scope_id = 0;  ///< interface index of a link-local IPv6 address, else 0
};

/// Asks once, and again whenever it is told to; c-ares goes over to TCP when a reply is truncated (RFC 7766)
/// and asks without EDNS after FORMERR (RFC 6891 section 7). c-ares reports everything else as a time-out, so
/// what its sockets see is recorded here, and only replies to our question are handed on to it.
///
/// One channel and one socket serve all transmissions: a late reply to the first counts like any other, and a
/// silent resolver costs one descriptor and one channel (75 KB), not one for each second of waiting.
///
/// For one thread. Destroying it closes the sockets; nothing is called afterwards.
class DnsExchange {
  public:
    virtual ~DnsExchange() = default;
    DnsExchange(const DnsExchange&) = delete;
    DnsExchange& operator=(const DnsExchange&) = delete;

    /// Sends the query. Call it once.
    virtual void start() = 0;
    /// Sends the last query again, unless the exchange has ended or gone over to TCP, where the kernel sends
    /// again.
    virtual void send_again() = 0;

    bool ended() const { return ended_at_.has_value(); }
    /// When the deciding reply or error was read; meaningful once ended.
    std::chrono::steady_clock::time_point ended_at() const { return *ended_at_; }

    /// What was seen so far. `timed_out` and `took` are left to the owner, who alone knows the time-out.
    const DnsQuery& facts() const { return facts_; }
    /// The fault of this host that kept the query from being made.
    const std::optional<LocalError>& local() const { return local_; }
    /// One for each socket; empty without a tap.
    std::vector<FollowedFlow> take_flows() { return std::move(flows_); }

  protected:
    DnsExchange() = default;

    DnsQuery facts_;
    std::optional<LocalError> local_;
    std::optional<std::chrono::steady_clock::time_point> ended_at_;
    std::vector<FollowedFlow> flows_;
};

/// `patience` bounds the exchange from above; its owner is expected to end it before. `on_end` is called at
/// most once, possibly out of start() or send_again(); it must not throw, and must not destroy the exchange.
/// With a `tap` the packets of its sockets are followed; it must outlive the exchange.
std::unique_ptr<DnsExchange> make_dns_exchange(asio::any_io_executor executor, DnsQuestion question,
                                               const DnsServer& server, std::chrono::milliseconds patience,
                                               std::function<void()> on_end, Tap* tap = nullptr);

}  // namespace whylink::probes
