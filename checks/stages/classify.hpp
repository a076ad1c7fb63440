// One observation and what was expected of it → what it saw, in one word and with the numbers beside it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "checks/table/outcome.hpp"
#include "config/address.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// What the target's config expects; refers to it, so the config must outlive this.
struct Expectation {
    std::span<const Cidr> expect;  ///< empty: any private address will do
    bool private_space = true;     ///< a public answer outside `expect` is a failure
    /// What the private host answered: the public host must not give any of these.
    std::span<const IpAddress> host_addresses;
    config::TlsMode tls = config::TlsMode::required;
    std::chrono::seconds expiry_warning{0};
    /// Of a watch: how long silence may last.
    std::optional<config::Duration> expect_traffic;
    probes::WallClock::time_point now{};
};

/// What there is to say beside an outcome, with numbers. The text is made when it is asked for; what was
/// classified, and its expectation, must be there still.
class Detail {
  public:
    Detail() = default;
    template <class Text>
    requires std::is_invocable_r_v<std::string, Text> Detail(Text text) : text_(std::move(text)) {}

    std::string text() const { return text_ ? text_() : std::string(); }

  private:
    std::function<std::string()> text_;
};

struct Classification {
    Outcome outcome = Outcome::ok;
    Detail detail;                ///< none when there is nothing to say beside `ok`
    std::vector<Outcome> faults;  ///< of the certificate, in the order in which they would be the outcome
    std::vector<Outcome> query_outcomes;  ///< dns: one for each query
    bool counts = true;                   ///< false: reported, but does not decide
};

Classification classify(const probes::Observation& observation, const Expectation& expectation);
/// `ok` when the connection was still there; the rest as its end says, and `timeout` for no answer to its
/// use.
Classification classify(const probes::HeldConnection& held);

/// How the stream that this observation is about ended, ECONNRESET out of connect() included: the `end` of a
/// report.
probes::StreamEnd stream_end(const probes::Observation& observation);
probes::StreamEnd stream_end(const probes::HoldFacts& facts);

/// `ok`, `public_address` or `unexpected_address` for one address that DNS gave for the host or a name of the
/// zone.
Outcome judge_address(const IpAddress& address, probes::NameSource source, const Expectation& expectation);

/// The outcome of one query on its own: `ok` when it has an address, whichever.
Outcome classify_query(const probes::DnsQuery& query, const IpAddress& resolver);

/// A rule of this VM forbade the probe: EPERM or EACCES, or an ICMP prohibition that this VM's kernel made.
bool forbidden_here(const probes::Observation& observation);

/// In TLS 1.3 a server judges the client's certificate after the client's part of the handshake is over: one
/// that asked for it, got none, and then said nothing may accept that, or may refuse later.
bool leaves_client_certificate_open(const probes::TlsFacts& facts);

}  // namespace whylink::checks
