// The parts of the decision table, in the order in which they are read. The one header of all files in this
// folder: they are data, and nobody but table/rules.cpp reads them.
#pragma once

#include <string_view>

#include "checks/table/rules.hpp"

namespace whylink::checks {

/// A verdict on the addresses as a whole needs all of them to fail.
inline constexpr FactSet some_work{Fact::address_works};
/// Where nothing listens, nothing else of the traffic matters.
inline constexpr FactSet not_there{Fact::not_listening};

/// Of whoever is silent: in the handshake, or to the application's request.
inline constexpr std::string_view window_stays_closed =
    "{address} accepts the connection but never opens its window from 0: a SYN proxy or the like does not "
    "reach the server.";

/// What comes and goes, and this host's network.
std::span<const Row> own_network_rules();
/// What stands beside the answers of DNS.
std::span<const Row> answer_rules();
/// The answers of DNS.
std::span<const Row> name_rules();
/// The resolvers.
std::span<const Row> resolver_rules();
/// Watches.
std::span<const Row> traffic_rules();
/// What becomes of packets on the way.
std::span<const Row> packet_rules();
/// What the account says of a name that is missing, public or leads elsewhere.
std::span<const Row> account_name_rules();
/// What the account says of the traffic of a watch.
std::span<const Row> account_traffic_rules();
/// What the account says where nothing came back.
std::span<const Row> account_rules();
/// What works, and waits for its SYN to be sent again.
std::span<const Row> slow_connect_rules();
/// What this host itself does to a connection.
std::span<const Row> this_host_rules();
/// What follow-up tests have settled: more decisive than what they were made for.
std::span<const Row> follow_up_rules();
/// Certificates: the right server under another name, and certificates of this host.
std::span<const Row> certificate_rules();
/// What the application says.
std::span<const Row> application_rules();
/// TCP, TLS and the packets.
std::span<const Row> address_rules();
/// That the application says nothing.
std::span<const Row> silent_application_rules();
/// What works, and sends its clients to where they fail.
std::span<const Row> next_hop_rules();
/// What works here and not for everybody.
std::span<const Row> warning_rules();
/// What works here, and not for every program, by what DNS says.
std::span<const Row> lookup_warnings();
/// What says nothing about the peer, and what works.
std::span<const Row> remaining_rules();

std::span<const Doubt> certificate_doubts();
std::span<const Doubt> connection_doubts();
std::span<const Doubt> packet_doubts();
std::span<const Doubt> this_host_doubts();
std::span<const Doubt> application_doubts();
std::span<const Doubt> next_hop_doubts();
std::span<const Doubt> past_doubts();
std::span<const Doubt> account_doubts();

}  // namespace whylink::checks
