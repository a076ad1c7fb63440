// What this host itself has to do with how an address fared: who took the connection, which way it left, and whether
// a table of this host was full. It turns the facts of the probes and packets of one address into facts of the table.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/stages/addresses.hpp"
#include "checks/table/facts.hpp"

namespace whylink::checks {

/// `facts` are those of the address; what this host explains is taken out of them, and what it shows is added.
FactSet weigh_host(FactSet facts, const AddressState& state);

/// Whether the kernel could say of a connection which socket took it.
bool is_acceptor_known(const Assessment& round);
/// What the kernel said of the sockets that took the connections of the follow-up tests.
FactSet acceptor_facts(const Assessment& round);

/// Whether a follow-up test settled who took the connection: FollowUp::local_acceptor.
enum class Acceptor {
    unknown,    ///< not asked, or the connection had ended by then
    here,       ///< a socket of this host
    not_here,   ///< none
    elsewhere,  ///< connect() was rewritten to another address
};
Acceptor acceptor_of(const JudgedProbe& probe);

// ---- for the texts; empty where there is nothing to say ----

/// "a socket of this host on port 15001 (uid 1337)", "this host (127.0.0.1:15001)"
std::string acceptor_text(std::span<const AddressState> states, const Assessment& round);
/// Where this host sent the connection in place of the address: "10.77.0.88:443"
std::string sent_to_text(std::span<const AddressState> states, const Assessment& round);
/// "172.17.0.0/16 via docker0 (bridge)"
std::string route_text(std::span<const AddressState> states);
/// Where answers come in and why the reverse-path filter drops them; empty: it does not.
std::string way_back_text(std::span<const AddressState> states);
/// "262144 of 262144 entries"
std::string tracking_text(std::span<const AddressState> states);
/// "02:42:0a:00:00:04 and 02:42:0a:00:00:05"
std::string machines_text(std::span<const AddressState> states);

/// Lines for the evidence, of the addresses that fail: their route, where it is out of the ordinary, and what else
/// this host has to do with it.
std::vector<std::string> host_evidence(std::span<const AddressState> states);

}  // namespace whylink::checks
