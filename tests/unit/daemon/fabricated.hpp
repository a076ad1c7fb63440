// Reports made by hand, so that what is printed does not depend on what is measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/report/report.hpp"

namespace whylink::fabricated {

/// An entry of a report that is still being made.
struct EndpointEntry {
    config::Endpoint endpoint;
    checks::Verdict verdict;
    checks::Explanation explanation = {};
    std::string evidence_file = {};
};
struct ZoneEntry {
    config::Zone zone;
    checks::Verdict verdict;
    checks::Explanation explanation = {};
};
struct WatchEntry {
    config::Watch watch;
    checks::Verdict verdict;
    checks::Explanation explanation = {};
    std::string evidence_file = {};
};

IpAddress address(std::string_view text);
probes::WallClock::time_point noon();

/// One A query with one answer for each address, by 10.0.0.2.
checks::JudgedProbe dns(std::string name, const std::vector<std::string_view>& answers);
checks::JudgedProbe tcp(std::string_view where);
/// Reset after the ClientHello.
checks::JudgedProbe tls_reset(std::string_view where);
/// A complete handshake.
checks::JudgedProbe tls(std::string_view where);

/// Redis behind TLS, which asks for credentials.
checks::JudgedProbe app(std::string_view where);
/// A connection of `where` that was held idle for six minutes and answered.
checks::JudgedHold held(std::string_view where);

/// Of an account that knows the connection in this state: a private endpoint, and a read that is forbidden.
daemon::TargetReadingsPtr readings(std::string account, control::ConnectionState state);

checks::Verdict verdict(bool healthy, Cause cause, checks::Severity severity);
/// "what there is to say"
checks::Explanation explanation();

EndpointEntry healthy_endpoint(std::string name);
/// Not on the allow-list, with evidence, steps and an alternative.
EndpointEntry failing_endpoint(std::string name);
EndpointEntry endpoint(std::string name, bool healthy, Cause cause, checks::Severity severity);
ZoneEntry zone(std::string name, bool healthy, Cause cause, checks::Severity severity);

/// What was captured of a connection that was accepted and reset.
probes::PacketFacts reset_packets();
probes::CapturedConnection packets(std::string_view where, probes::PacketFacts facts = reset_packets());
/// Of a watch: a socket of port 6379, and some traffic.
checks::JudgedProbe listener();
checks::JudgedProbe traffic();
/// Inbound, to port 6379, with a listener and traffic.
WatchEntry watch(std::string name, bool healthy, Cause cause, checks::Severity severity);

daemon::ReportEntry entry(EndpointEntry made);
daemon::ReportEntry entry(ZoneEntry made);
daemon::ReportEntry entry(WatchEntry made);
daemon::Report report(std::vector<EndpointEntry> endpoints, std::vector<ZoneEntry> zones = {},
                      std::vector<WatchEntry> watches = {});

}  // namespace whylink::fabricated
