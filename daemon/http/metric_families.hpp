// Every family of metrics that the daemon has. docs/reference/metrics.md explains them; a test holds the two equal.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/vocabulary.hpp"

namespace whylink::daemon::http {

enum class MetricType : std::uint8_t { gauge, counter, histogram };
consteval auto vocabulary(MetricType) {
    using enum MetricType;
    return terms<MetricType>({{gauge, "gauge"}, {counter, "counter"}, {histogram, "histogram"}});
}

enum class Metric : std::uint8_t {
    healthy,
    diagnosis,
    diagnosis_confidence,
    probe_outcome,
    probe_last_duration,
    probe_addresses_left_out,
    probes,
    probe_duration,
    follow_ups,
    certificate_not_after,
    packet_syn_retransmits,
    packet_resets_received,
    packet_segments,
    packet_retransmits,
    packet_handshake_rtt,
    packet_retransmit_ratio,
    state_since,
    last_round,
    target_info,
    targets,
    rounds,
    rounds_under_way,
    scheduler_lag,
    loop_stall,
    scheduler_overruns,
    scheduler_missed_rounds,
    scheduler_follow_ups_left_out,
    capture_up,
    capture_packets,
    capture_dropped_packets,
    evidence_up,
    evidence_writes,
    evidence_files,
    evidence_bytes,
    history_up,
    history_records_dropped,
    config_last_reload_successful,
    config_last_reload_success,
    log_records_dropped,
    http_connections,
    http_connections_accepted,
    http_connections_closed,
    http_requests,
    http_requests_without_room,
    http_pending,
    control_reads,
    connection_state,
    build_info,
    process_cpu,
    process_resident_memory,
    process_virtual_memory,
    process_open_fds,
    process_max_fds,
    process_threads,
    process_start_time,
};

struct MetricFamily {
    Metric metric;
    std::string_view name;  ///< of a counter with "_total"
    MetricType type;
    std::string_view labels;  ///< for people, `le` left out; empty: none
    std::string_view help;    ///< one line without backslashes and quotes
};

/// In the order of the enumeration, which is that of the page; one row each.
std::span<const MetricFamily> metric_families();
const MetricFamily& family(Metric metric);

}  // namespace whylink::daemon::http
