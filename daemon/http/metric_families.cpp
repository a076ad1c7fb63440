#include "daemon/http/metric_families.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace whylink::daemon::http {
namespace {

using enum Metric;
using enum MetricType;

constexpr std::array<MetricFamily, 55> families{{
    {healthy, "whylink_healthy", gauge, "kind, name",
     "1 if the target is healthy, else 0, after damping by failure_threshold and success_threshold."},
    {diagnosis, "whylink_diagnosis", gauge, "kind, name, cause, severity",
     "1 for the cause of the latest round; the series of all other causes are absent."},
    {diagnosis_confidence, "whylink_diagnosis_confidence", gauge, "kind, name",
     "Confidence of the diagnosis: 1 low, 2 medium, 3 high."},
    {probe_outcome, "whylink_probe_outcome", gauge, "kind, name, stage, address or resolver, outcome",
     "1 for the latest outcome of a stage, the worst of them if several probes share the series."},
    {probe_last_duration, "whylink_probe_last_duration_seconds", gauge,
     "kind, name, stage, address or resolver",
     "Duration of the latest probe of a stage in seconds, the slowest if several probes share the series."},
    {probe_addresses_left_out, "whylink_probe_addresses_left_out", gauge, "kind, name",
     "Number of addresses in the latest round without a series of their own, because a target has at most 16."},
    {probes, "whylink_probes_total", counter, "kind, name, stage, outcome",
     "Number of probes of the target, by stage and outcome, without follow-up tests."},
    {probe_duration, "whylink_probe_duration_seconds", histogram, "kind, stage",
     "Duration of probes in seconds, over all targets of a kind."},
    {follow_ups, "whylink_experiments_total", counter, "experiment, outcome",
     "Number of follow-up tests over all targets, by test and outcome."},
    {certificate_not_after, "whylink_tls_certificate_not_after_timestamp_seconds", gauge, "name, address",
     "Unix time at which the first certificate of the verified chain expires; without one, the server certificate."},
    {packet_syn_retransmits, "whylink_packet_syn_retransmits_total", counter, "kind, name",
     "Number of SYN retransmits in captured connections of the target."},
    {packet_resets_received, "whylink_packet_resets_received_total", counter, "kind, name",
     "Number of RSTs received in captured connections of the target."},
    {packet_segments, "whylink_packet_segments_total", counter, "kind, name",
     "Number of TCP segments with payload in captured connections of the target, in both directions."},
    {packet_retransmits, "whylink_packet_retransmits_total", counter, "kind, name",
     "Number of retransmitted TCP segments with payload in captured connections of the target, in both directions."},
    {packet_handshake_rtt, "whylink_packet_handshake_rtt_seconds", gauge, "kind, name",
     "Mean round-trip time of the TCP handshake in the latest round or window, in seconds, from captured packets."},
    {packet_retransmit_ratio, "whylink_packet_retransmit_ratio", gauge, "kind, name",
     "Retransmitted TCP segments as a share of all segments in the latest round or window, from 0 to 1."},
    {state_since, "whylink_state_since_timestamp_seconds", gauge, "kind, name",
     "Unix time since which whylink_healthy has its value, across restarts."},
    {last_round, "whylink_last_round_timestamp_seconds", gauge, "kind, name",
     "Unix time at which the latest round of the target ended."},
    {target_info, "whylink_target_info", gauge, "kind, name, profile, those of the config",
     "Always 1; carries the profile and the configured labels of the target."},
    {targets, "whylink_targets", gauge, "kind", "Number of configured targets that are enabled."},
    {rounds, "whylink_rounds_total", counter, "", "Number of rounds that have ended, over all targets."},
    {rounds_under_way, "whylink_rounds_under_way", gauge, "",
     "Number of concurrent checks: rounds that are running now."},
    {scheduler_lag, "whylink_scheduler_lag_seconds", histogram, "",
     "Delay between the due time of a round and its start, in seconds."},
    {loop_stall, "whylink_loop_stall_seconds", histogram, "",
     "Time during which the event loop was blocked by one task, in seconds, from 50 ms on."},
    {scheduler_overruns, "whylink_scheduler_overruns_total", counter, "",
     "Number of rounds skipped because the previous round of the target was still running."},
    {scheduler_missed_rounds, "whylink_scheduler_missed_rounds_total", counter, "",
     "Number of rounds skipped or not judged because this host or process was paused."},
    {scheduler_follow_ups_left_out, "whylink_scheduler_experiments_left_out_total", counter, "",
     "Number of rounds that skipped due follow-up tests for lack of time or capacity."},
    {capture_up, "whylink_capture_up", gauge, "interface",
     "1 if packets are captured on the interface, 0 if capture is wanted and fails."},
    {capture_packets, "whylink_capture_packets_total", counter, "interface",
     "Number of packets captured and decoded."},
    {capture_dropped_packets, "whylink_capture_dropped_packets_total", counter, "interface",
     "Number of packets that the kernel dropped because the capture buffer was full."},
    {evidence_up, "whylink_evidence_up", gauge, "",
     "1 if evidence files can be written to evidence_dir, 0 if the latest attempt failed."},
    {evidence_writes, "whylink_evidence_writes_total", counter, "result",
     "Number of attempts to write an evidence file for a failing round, by result."},
    {evidence_files, "whylink_evidence_files", gauge, "", "Number of evidence files in evidence_dir."},
    {evidence_bytes, "whylink_evidence_bytes", gauge, "",
     "Size of all evidence files in bytes, as counted against evidence_limit."},
    {history_up, "whylink_history_up", gauge, "",
     "1 if the history can be written to the state directory, 0 if the latest attempt failed."},
    {history_records_dropped, "whylink_history_records_dropped_total", counter, "",
     "Number of records dropped while the history could not be written."},
    {config_last_reload_successful, "whylink_config_last_reload_successful", gauge, "",
     "1 if the latest load of the configuration succeeded, 0 if it was rejected."},
    {config_last_reload_success, "whylink_config_last_reload_success_timestamp_seconds", gauge, "",
     "Unix time at which the running configuration was loaded."},
    {log_records_dropped, "whylink_log_records_dropped_total", counter, "",
     "Number of log records dropped because the reader of the log was too slow."},
    {http_connections, "whylink_http_connections", gauge, "", "Number of open HTTP connections."},
    {http_connections_accepted, "whylink_http_connections_accepted_total", counter, "",
     "Number of accepted HTTP connections."},
    {http_connections_closed, "whylink_http_connections_closed_total", counter, "reason",
     "Number of HTTP connections closed because of a limit: evicted for new ones, or refused."},
    {http_requests, "whylink_http_requests_total", counter, "",
     "Number of HTTP requests, with any status code."},
    {http_requests_without_room, "whylink_http_requests_without_room_total", counter, "",
     "Number of HTTP requests answered with 503 because too many responses wait for their readers."},
    {http_pending, "whylink_http_pending_bytes", gauge, "",
     "Size of all HTTP responses that wait for their readers, in bytes."},
    {control_reads, "whylink_control_reads_total", counter, "account, read, result",
     "Number of calls to the API of an account, by operation and result."},
    {connection_state, "whylink_connection_state", gauge, "name, account, state",
     "1 for the state of the target's private connection by the API of the account."},
    {build_info, "whylink_build_info", gauge, "version, compiler",
     "Always 1; carries the version and the compiler of this program."},
    {process_cpu, "process_cpu_seconds_total", counter, "",
     "CPU time used by the process in seconds, user and system."},
    {process_resident_memory, "process_resident_memory_bytes", gauge, "",
     "Resident memory of the process in bytes."},
    {process_virtual_memory, "process_virtual_memory_bytes", gauge, "",
     "Virtual memory of the process in bytes."},
    {process_open_fds, "process_open_fds", gauge, "", "Number of open file descriptors."},
    {process_max_fds, "process_max_fds", gauge, "", "Maximum number of open file descriptors."},
    {process_threads, "process_threads", gauge, "", "Number of threads of the process."},
    {process_start_time, "process_start_time_seconds", gauge, "", "Unix time at which the process started."},
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
