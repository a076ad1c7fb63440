#include "daemon/http/metric_families.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace whylink::daemon::http {
namespace {

using enum Metric;
using enum MetricType;

constexpr std::array<MetricFamily, 50> families{{
    {healthy, "whylink_healthy", gauge, "kind, name",
     "Whether the target counts as healthy, damped by its thresholds."},
    {diagnosis, "whylink_diagnosis", gauge, "kind, name, cause, severity",
     "1 for the cause that the latest round was diagnosed with."},
    {diagnosis_confidence, "whylink_diagnosis_confidence", gauge, "kind, name",
     "How sure the diagnosis is: 1 low, 2 medium, 3 high."},
    {probe_outcome, "whylink_probe_outcome", gauge, "kind, name, stage, address or resolver, outcome",
     "1 for the latest outcome of a stage; of several probes for the worst."},
    {probe_last_duration, "whylink_probe_last_duration_seconds", gauge,
     "kind, name, stage, address or resolver",
     "How long the latest probe of a stage took; of several the slowest."},
    {probe_addresses_left_out, "whylink_probe_addresses_left_out", gauge, "kind, name",
     "Addresses of the latest round that have no series of their own, because there are too many."},
    {probes, "whylink_probes_total", counter, "kind, name, stage, outcome",
     "Probes of the target by how they ended."},
    {probe_duration, "whylink_probe_duration_seconds", histogram, "kind, stage",
     "How long probes took, over all targets."},
    {follow_ups, "whylink_experiments_total", counter, "experiment, outcome",
     "Further connections and queries after a failure, by how they ended."},
    {certificate_not_after, "whylink_tls_certificate_not_after_timestamp_seconds", gauge, "name, address",
     "When the first certificate of the chain that verifies expires; the server's own where none does."},
    {packet_syn_retransmits, "whylink_packet_syn_retransmits_total", counter, "kind, name",
     "SYNs that were sent again, as captured."},
    {packet_resets_received, "whylink_packet_resets_received_total", counter, "kind, name",
     "RSTs of the other side, as captured."},
    {packet_segments, "whylink_packet_segments_total", counter, "kind, name",
     "TCP segments with payload, both ways, as captured."},
    {packet_retransmits, "whylink_packet_retransmits_total", counter, "kind, name",
     "TCP segments with payload that were sent again, both ways, as captured."},
    {packet_handshake_rtt, "whylink_packet_handshake_rtt_seconds", gauge, "kind, name",
     "Round-trip time by the packets of the handshake, the mean of the latest round or window."},
    {packet_retransmit_ratio, "whylink_packet_retransmit_ratio", gauge, "kind, name",
     "Share of the segments of the latest round or window that were sent again."},
    {last_round, "whylink_last_round_timestamp_seconds", gauge, "kind, name",
     "When the latest round of the target ended."},
    {target_info, "whylink_target_info", gauge, "kind, name, profile, those of the config",
     "1; the profile of the target and its labels from the config."},
    {targets, "whylink_targets", gauge, "kind", "Targets that are watched."},
    {rounds, "whylink_rounds_total", counter, "", "Rounds that have ended."},
    {rounds_under_way, "whylink_rounds_under_way", gauge, "", "Rounds that have begun and not ended."},
    {scheduler_lag, "whylink_scheduler_lag_seconds", histogram, "",
     "From the moment at which a round was due to its start."},
    {loop_stall, "whylink_loop_stall_seconds", histogram, "",
     "For how long the event loop was held up by its own work, of 50 ms or more."},
    {scheduler_overruns, "whylink_scheduler_overruns_total", counter, "",
     "Rounds left out because the one before was still under way."},
    {scheduler_missed_rounds, "whylink_scheduler_missed_rounds_total", counter, "",
     "Rounds left out after a pause of the whole VM or process."},
    {scheduler_follow_ups_left_out, "whylink_scheduler_experiments_left_out_total", counter, "",
     "Rounds that made no experiments although they were due, for want of time or room."},
    {capture_up, "whylink_capture_up", gauge, "interface", "Whether packets are captured."},
    {capture_packets, "whylink_capture_packets_total", counter, "interface", "Packets that were captured."},
    {capture_dropped_packets, "whylink_capture_dropped_packets_total", counter, "interface",
     "Packets that the kernel dropped before they were looked at."},
    {evidence_up, "whylink_evidence_up", gauge, "",
     "Whether the packets of failing rounds can be written to evidence_dir."},
    {evidence_writes, "whylink_evidence_writes_total", counter, "result",
     "Failing rounds whose packets were to be kept, by what became of them."},
    {evidence_files, "whylink_evidence_files", gauge, "", "Evidence files that are kept."},
    {evidence_bytes, "whylink_evidence_bytes", gauge, "",
     "What the evidence files take, as evidence_limit counts them."},
    {config_last_reload_successful, "whylink_config_last_reload_successful", gauge, "",
     "Whether the latest attempt to load the configuration succeeded."},
    {config_last_reload_success, "whylink_config_last_reload_success_timestamp_seconds", gauge, "",
     "When the configuration that is in force was loaded."},
    {log_records_dropped, "whylink_log_records_dropped_total", counter, "",
     "Log records lost because the reader was too slow."},
    {http_connections, "whylink_http_connections", gauge, "", "HTTP connections that are open."},
    {http_connections_accepted, "whylink_http_connections_accepted_total", counter, "",
     "HTTP connections that were accepted."},
    {http_connections_closed, "whylink_http_connections_closed_total", counter, "reason",
     "HTTP connections closed because of a limit: evicted for new ones, or refused."},
    {http_requests, "whylink_http_requests_total", counter, "", "HTTP requests, whatever the answer."},
    {http_requests_without_room, "whylink_http_requests_without_room_total", counter, "",
     "HTTP requests answered with 503, because too many answers wait to be read."},
    {http_pending, "whylink_http_pending_bytes", gauge, "", "HTTP answers that wait to be read."},
    {build_info, "whylink_build_info", gauge, "version, compiler", "1; what this program is."},
    {process_cpu, "process_cpu_seconds_total", counter, "", "User and system CPU time."},
    {process_resident_memory, "process_resident_memory_bytes", gauge, "", "Resident memory."},
    {process_virtual_memory, "process_virtual_memory_bytes", gauge, "", "Virtual memory."},
    {process_open_fds, "process_open_fds", gauge, "", "Open file descriptors."},
    {process_max_fds, "process_max_fds", gauge, "", "File descriptors that may be open."},
    {process_threads, "process_threads", gauge, "", "Threads of the process."},
    {process_start_time, "process_start_time_seconds", gauge, "", "When the process was started."},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < families.size(); ++i) {
        if (static_cast<std::size_t>(families[i].metric) != i) {
            return false;
        }
    }
    return families.size() == static_cast<std::size_t>(process_start_time) + 1;
}
static_assert(in_order());

constexpr bool needs_no_escape(const MetricFamily& row) {
    return row.help.find_first_of("\\\"\n") == std::string_view::npos;
}
static_assert(std::ranges::all_of(families, needs_no_escape));

constexpr bool ends_as_its_type(const MetricFamily& row) {
    return row.name.ends_with("_total") == (row.type == counter);
}
static_assert(std::ranges::all_of(families, ends_as_its_type));

}  // namespace

std::span<const MetricFamily> metric_families() {
    return families;
}

const MetricFamily& family(Metric metric) {
    return families.at(static_cast<std::size_t>(metric));
}

}  // namespace whylink::daemon::http
