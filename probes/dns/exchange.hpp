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
#include "probes/dns/way.hpp"
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
/// A device on the path may drop queries with EDNS, or the larger replies that they bring. So after a silence the query
/// can be sent without EDNS beside the one with it, under an id of its own: see send_without_edns().
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
    /// Sends the query without EDNS, unless send_again() would send nothing or the query never had EDNS. Its reply
    /// does not end the exchange at once: it waits for the reply to the query with EDNS, which was sent with it, until
    /// settle_at().
    virtual void send_without_edns() = 0;
    /// When the reply to the query without EDNS is to be taken, as nothing else came; absent while there is none.
    virtual std::optional<std::chrono::steady_clock::time_point> settle_at() const = 0;
    /// Takes that reply and ends the exchange. Nothing happens without one, or once ended.
    virtual void settle() = 0;

    bool ended() const { return ended_at_.has_value(); }
    /// When the deciding reply or error was read; meaningful once ended.
    std::chrono::steady_clock::time_point ended_at() const { return *ended_at_; }
    /// When the query without EDNS was sent, where its reply is the deciding one: what a program waits that asks so.
    std::optional<std::chrono::steady_clock::time_point> asked_at() const { return asked_at_; }

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
    std::optional<std::chrono::steady_clock::time_point> asked_at_;
    std::vector<FollowedFlow> flows_;
};

struct DnsExchangePlan {
    DnsQuestion question;  ///< the exchange chooses its id
    DnsServer server;
    DnsWay way;
    std::chrono::milliseconds patience{
        5000};           ///< bounds the exchange; its owner is expected to end it before
    Tap* tap = nullptr;  ///< the packets of its sockets are followed; it must outlive the exchange
};

/// `on_news` is called when the exchange has ended and when settle_at() has come to hold, possibly out of start(),
/// send_again() or settle(); it must not throw, and must not destroy the exchange.
std::unique_ptr<DnsExchange> make_dns_exchange(asio::any_io_executor executor, DnsExchangePlan plan,
                                               std::function<void()> on_news);

}  // namespace whylink::probes
