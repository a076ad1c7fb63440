// The parts of the decision table, in the order in which they are read. The one header of all files in this
// folder: they are data, and nobody but table/rules.cpp reads them.
#pragma once

#include "checks/table/rules.hpp"

namespace whylink::checks {

/// A verdict on the addresses as a whole needs all of them to fail.
inline constexpr FactSet some_work{Fact::address_works};
/// Where nothing listens, nothing else of the traffic matters.
inline constexpr FactSet not_there{Fact::not_listening};

/// What comes and goes, this host's network, and what DNS says.
std::span<const Row> name_rules();
/// Watches.
std::span<const Row> traffic_rules();
/// What follow-up tests have settled: more decisive than what they were made for.
std::span<const Row> follow_up_rules();
/// What the application says.
std::span<const Row> application_rules();
/// TCP, TLS and the packets.
std::span<const Row> address_rules();
/// That the application says nothing.
std::span<const Row> silent_application_rules();
/// What says nothing about the peer, and what works.
std::span<const Row> remaining_rules();

std::span<const Doubt> connection_doubts();
std::span<const Doubt> application_doubts();

}  // namespace whylink::checks
