// Prints a JSON report whose packets and watches have something of everything, for the schema to be held to.
#include <cstdio>
#include <utility>

#include "daemon/report/json/render.hpp"
#include "fabricated.hpp"

namespace {

using namespace std::chrono_literals;
using namespace whylink;

const probes::IcmpError icmp{false, 3, 4, fabricated::address("10.0.0.1"), true};

probes::PacketFacts connection() {
    probes::PacketFacts facts = fabricated::reset_packets();
    facts.next_hop = probes::NextHop::known;
    facts.syn_ack_foreign = facts.syn_ack_damaged = facts.out_of_order = facts.received_after_reset = 1;
    facts.window_scale = std::uint8_t{0};
    facts.sack_permitted = facts.has_timestamp = true;
    facts.first_byte_after = facts.fin_received_after = 0ns;
    facts.largest_received = facts.largest_after_missing = 1448;
    facts.missing_received = 5;
    facts.lost = probes::LostSegment{1448, 5, 335};
    facts.syn_ecn = facts.own_syn_returned = 1;
    facts.returned_to = facts.answered_by = facts.sent_to = IpAddress::parse("10.0.0.9");
    facts.returned_to_port = facts.answered_by_port = facts.sent_to_port = 8443;
    facts.only_on_loopback = true;
    facts.peer_macs = {"02:42:0a:00:00:04"};
    // What a device on the path made up.
    facts.resets.front().position = -1;
    facts.icmp.push_back({icmp, 1400, 2ms, true});
    facts.icmp.back().in_tunnel = facts.icmp.back().translated = true;
    return facts;
}

checks::JudgedProbe traffic() {
    checks::JudgedProbe probe = fabricated::traffic();
    auto& facts = get<probes::TrafficFacts>(probe.observation.facts);
    facts.reset_before_data = facts.closed_before_data = facts.reset_after_proxy_header = 1;
    facts.icmp = icmp;
    facts.peers.front().port = 443;
    facts.further_peers = facts.forgotten = 2;
    probes::ProxyHeader& header = *facts.proxy_header;
    header.local = header.truncated = true;
    header.azure_link_id = 4'294'967'295U;
    header.gcp_connection_id = 18'446'744'073'709'551'615ULL;
    return probe;
}

checks::JudgedProbe listener() {
    checks::JudgedProbe probe = fabricated::listener();
    get<probes::ListenerFacts>(probe.observation.facts).sockets.front().v6_only = true;
    return probe;
}

checks::JudgedProbe not_made(checks::JudgedProbe probe) {
    probe.outcome = checks::Outcome::local_error;
    probe.observation.local = probes::LocalError{"socket", 1, "Operation not permitted"};
    return probe;
}

}  // namespace

int main() {
    fabricated::EndpointEntry endpoint = fabricated::failing_endpoint("orders");
    endpoint.verdict.packets = {fabricated::packets("10.0.0.4", connection()),
                                fabricated::packets("fd00::4", {})};
    endpoint.evidence_file = "/evidence/x.pcapng";
    const auto cause = Cause::no_inbound_traffic;
    fabricated::WatchEntry inbound = fabricated::watch("in", false, cause, checks::Severity::critical);
    inbound.watch.peer = {Cidr::parse("10.1.0.0/24").value()};
    inbound.evidence_file = "/evidence/y.pcapng";
    inbound.verdict.probes = {listener(), traffic()};
    inbound.explanation.details.probes = {"on loopback only", "1 attempt of 12 refused"};
    fabricated::WatchEntry outbound = fabricated::watch("out", true, cause, checks::Severity::ok);
    outbound.watch.direction = config::Direction::outbound;
    outbound.watch.port = 0;
    outbound.verdict.probes = {not_made(fabricated::listener()), not_made(fabricated::traffic())};
    daemon::Standing standing{fabricated::noon(), 1s, fabricated::noon()};
    standing.history = std::make_shared<const daemon::TargetHistory>(
        daemon::TargetHistory{fabricated::noon(),
                              fabricated::noon() - 30s,
                              {{fabricated::noon(), daemon::What::route, "10.0.0.1 eth0", "10.9.0.1 tun0"}}});
    daemon::Report report = fabricated::report({endpoint}, {}, {std::move(inbound), std::move(outbound)});
    report.entries[1].standing = standing;
    report.entries[0].readings = report.entries[1].readings =
        fabricated::readings("acme-azure", control::ConnectionState::waiting);
    control::Instance& instance = report.host.instance.emplace();
    instance.cloud = config::Cloud::azure;
    instance.id = instance.account = instance.region = instance.zone = instance.zone_id = "x";
    instance.identity = "x";
    instance.interfaces.emplace_back().network = "vnet";
    std::fputs(daemon::render_json(report).c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
}
