// The DNS part of a round: who is asked, what for, and which of the answers are tried.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "probes/dns/way.hpp"
#include "probes/observation.hpp"
#include "probes/packets/tap.hpp"

namespace whylink::daemon {

/// Where this host's own name resolution is read from.
struct SystemFiles {
    std::string resolv_conf = "/etc/resolv.conf";
    std::string hosts_file = "/etc/hosts";
    std::string nsswitch_conf = "/etc/nsswitch.conf";
};

/// One resolver to ask, with `system` replaced by what it stands for.
struct ResolverAddress {
    IpAddress address;
    std::uint16_t port = 53;
    std::uint32_t scope = 0;  ///< interface index of a link-local address, else 0
    bool from_system = false;
    bool assumed = false;  ///< resolv.conf names none
    bool operator==(const ResolverAddress&) const = default;
};

/// Each address and port once, in the configured order. One that is both in resolv.conf and configured by its
/// address counts as configured, because the operator asked for it by name.
std::vector<ResolverAddress> expand_resolvers(const std::vector<config::Resolver>& resolvers,
                                              const SystemFiles& files);

struct Question {
    std::string name;
    probes::NameRole role = probes::NameRole::host;
    /// Set: asked for this type, in place of the addresses of the family.
    std::optional<probes::RecordType> type = {};
    /// What is changed; under `use-vc` a nameserver of resolv.conf is asked over TCP all the same.
    probes::DnsWay way = {};
    bool one_socket = false;  ///< both types from one socket: see probes/dns/paired.hpp
};

/// Every question to every resolver, at once. Under `system` a name of the hosts file gets an observation of
/// its own, ahead of the resolvers'. The order is that of the questions, then of the resolvers.
/// The packets of the queries are followed when there is a `capture`, which must outlive the coroutine.
struct DnsCapture {
    probes::Tap& tap;
    std::function<void(const ResolverAddress&)> about_to_ask;
    std::vector<probes::FollowedFlow> flows;
};
asio::awaitable<std::vector<probes::Observation>> ask(std::vector<Question> questions,
                                                      const config::Common& common, config::Family family,
                                                      const SystemFiles& files,
                                                      DnsCapture* capture = nullptr);

/// At most so many addresses of a round are tried; a name with more is a mistake or an attack. The judgement
/// says how many were left out.
inline constexpr std::size_t max_addresses = 64;

/// The addresses that may be tried: all that were answered for the host, sorted. When the hosts file has the name,
/// `system` is the hosts file, as it is for applications. With `family` any, a family to which this host has no
/// route at all is left out as long as there is the other.
std::vector<IpAddress> addresses_to_try(const std::vector<probes::Observation>& observations,
                                        config::Family family,
                                        const std::function<bool(const IpAddress&)>& has_route);

/// Who said the endpoint's name.
enum class NameFrom {
    user,  ///< the config or the command line
    dns,   ///< an SRV record: whoever owns the zone
};

/// Marks the answers for the host that are addresses of this host (DnsAnswer::own), but for those that `expect` has and
/// those that are meant: what the hosts file gives for a name of the user's is there on purpose, where `private` is not
/// judged. For a name out of DNS, special addresses of the hosts file count as well: "localhost" is in every one.
void mark_own_answers(std::vector<probes::Observation>& observations, const config::Endpoint& endpoint,
                      NameFrom from, const std::function<bool(const IpAddress&)>& is_own);

/// Special addresses (AddressSpace::special) reach no endpoint, and a service of this host may not expect what would be
/// sent: they are left out unless `expect` has them, and so are answers that are marked as this host's own. What is
/// there on purpose stays, as above.
void leave_out_special(std::vector<IpAddress>& addresses,
                       const std::vector<probes::Observation>& observations, const config::Endpoint& endpoint,
                       NameFrom from);

/// Cuts them down to `max_addresses`. Those that `expect` has stay before any others, so that wrong answers do not push
/// them out.
void leave_out_surplus(std::vector<IpAddress>& addresses, const config::Endpoint& endpoint);

}  // namespace whylink::daemon
