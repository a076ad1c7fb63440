#include "daemon/http/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/table/cause.hpp"
#include "checks/table/outcome.hpp"
#include "daemon/http/probe_series.hpp"
#include "daemon/http/process_metrics.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon::http {
namespace {

/// Families stand one after the other, and each is about every target: what several of them need of a target
/// is made once.
struct Row {
    const TargetStatus* status;
    std::string name;    ///< `name="NAME"`
    std::string labels;  ///< `kind="KIND",name="NAME"`
    std::vector<ProbeSeries> probes;
};

std::vector<Row> rows_of(const Snapshot& snapshot) {
    std::vector<Row> rows;
    rows.reserve(snapshot.targets.size());
    for (const TargetStatusPtr& status : snapshot.targets) {
        Row row{.status = status.get(), .name = label("name", status->name()), .labels = {}, .probes = {}};
        row.labels = fmt::format("kind=\"{}\",{}", slug(status->kind()), row.name);
        if (status->verdict) {
            row.probes = probe_series(*status->verdict, status->without_series);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// Since the epoch. To the millisecond: a double has no more than microseconds, and nobody reads those.
double seconds(std::chrono::system_clock::time_point time) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    return static_cast<double>(since.count()) / 1e3;
}

/// A sample of every target for which there is a value.
template <class Value>
void per_target(MetricsPage& page, const std::vector<Row>& rows, Metric metric, Value value) {
    page.begin(metric);
    for (const Row& row : rows) {
        if (const std::optional<double> number = value(*row.status)) {
            page.sample({row.labels}, *number);
        }
    }
}

void health(MetricsPage& page, const std::vector<Row>& rows) {
    per_target(page, rows, Metric::healthy, [](const TargetStatus& status) {
        return status.healthy ? std::optional(*status.healthy ? 1.0 : 0.0) : std::nullopt;
    });
}

void diagnoses(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::diagnosis);
    for (const Row& row : rows) {
        if (!row.status->verdict) {
            continue;
        }
        const checks::Decision& decision = row.status->verdict->decision;
        page.sample(
            {row.labels, ",cause=\"", slug(decision.cause), "\",severity=\"", slug(decision.severity), "\""},
            1);
    }
    per_target(page, rows, Metric::diagnosis_confidence, [](const TargetStatus& status) {
        return status.verdict ? std::optional(static_cast<double>(status.verdict->decision.confidence) + 1)
                              : std::nullopt;
    });
}

void latest_probes(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::probe_outcome);
    for (const Row& row : rows) {
        for (const ProbeSeries& series : row.probes) {
            page.sample({row.labels, ",stage=\"", slug(series.stage), "\"", series.place, ",outcome=\"",
                         slug(series.outcome), "\""},
                        1);
        }
    }
    page.begin(Metric::probe_last_duration);
    for (const Row& row : rows) {
        for (const ProbeSeries& series : row.probes) {
            if (series.slowest) {
                page.sample({row.labels, ",stage=\"", slug(series.stage), "\"", series.place},
                            seconds(*series.slowest));
            }
        }
    }
}

/// Only of targets that have more than are shown, which are few.
void addresses_left_out(MetricsPage& page, const std::vector<Row>& rows) {
    per_target(page, rows, Metric::probe_addresses_left_out, [](const TargetStatus& status) {
        return status.without_series.empty()
                   ? std::nullopt
                   : std::optional(static_cast<double>(status.without_series.size()));
    });
}

void probe_counts(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::probes);
    for (const Row& row : rows) {
        for (const ProbeCount& count : row.status->probes_total) {
            page.sample(
                {row.labels, ",stage=\"", slug(count.stage), "\",outcome=\"", slug(count.outcome), "\""},
                static_cast<double>(count.count));
        }
    }
}

void probe_durations(MetricsPage& page, const Totals& totals) {
    page.begin(Metric::probe_duration);
    for (const auto& kind : terms_of<config::TargetKind>) {
        for (const auto& stage : terms_of<probes::Stage>) {
            const Histogram& durations = totals.probe_duration.at(static_cast<std::size_t>(kind.value))
                                             .at(static_cast<std::size_t>(stage.value));
            if (durations.count() > 0) {
                page.histogram({"kind=\"", kind.slug, "\",stage=\"", stage.slug, "\""}, durations);
            }
        }
    }
}

void follow_up(MetricsPage& page, std::string_view made,
               const std::array<std::uint64_t, outcome_count>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts.at(i) == 0) {
            continue;
        }
        page.sample({"experiment=\"", made, "\",outcome=\"", slug(static_cast<checks::Outcome>(i)), "\""},
                    static_cast<double>(counts.at(i)));
    }
}

void follow_ups(MetricsPage& page, const Totals& totals) {
    page.begin(Metric::follow_ups);
    for (std::size_t i = 0; i < totals.follow_ups.size(); ++i) {
        follow_up(page, slug(static_cast<probes::FollowUp>(i)), totals.follow_ups.at(i));
    }
    follow_up(page, probes::hold_slug, totals.holds);
}

void certificates(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::certificate_not_after);
    for (const Row& row : rows) {
        for (const ProbeSeries& series : row.probes) {
            if (series.not_after) {
                page.sample({row.name, series.place}, seconds(*series.not_after));
            }
        }
    }
}

/// Of targets of which there was something to capture: most have counters of zero, but then they say so.
void packets(MetricsPage& page, const std::vector<Row>& rows) {
    const auto add = [&](Metric metric, auto PacketTotals::*figure) {
        per_target(page, rows, metric, [figure](const TargetStatus& status) -> std::optional<double> {
            return status.packets.connections == 0 ? std::nullopt
                                                   : std::optional<double>(status.packets.*figure);
        });
    };
    add(Metric::packet_syn_retransmits, &PacketTotals::syn_retransmits);
    add(Metric::packet_resets_received, &PacketTotals::resets_received);
    add(Metric::packet_segments, &PacketTotals::segments);
    add(Metric::packet_retransmits, &PacketTotals::retransmits);
    add(Metric::packet_handshake_rtt, &PacketTotals::handshake_rtt_seconds);
    add(Metric::packet_retransmit_ratio, &PacketTotals::retransmit_ratio);
}

void states_since(MetricsPage& page, const std::vector<Row>& rows) {
    per_target(page, rows, Metric::state_since, [](const TargetStatus& status) {
        return status.healthy ? std::optional(seconds(status.standing.health_since)) : std::nullopt;
    });
}

void last_rounds(MetricsPage& page, const std::vector<Row>& rows) {
    per_target(page, rows, Metric::last_round, [](const TargetStatus& status) -> std::optional<double> {
        if (!status.verdict) {
            return std::nullopt;
        }
        return seconds(status.standing.round_started +
                       std::chrono::floor<std::chrono::system_clock::duration>(status.standing.round_took));
    });
}

void target_infos(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::target_info);
    std::string own;
    for (const Row& row : rows) {
        const config::Endpoint* endpoint = row.status->target->endpoint();
        own = "," + label("profile", endpoint != nullptr ? endpoint->profile : "");
        for (const auto& [name, value] : row.status->labels()) {
            own += "," + label(name, value);
        }
        page.sample({row.labels, own}, 1);
    }
}

void target_counts(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::targets);
    for (const auto& kind : terms_of<config::TargetKind>) {
        const auto count =
            std::ranges::count(rows, kind.value, [](const Row& row) { return row.status->kind(); });
        page.sample({"kind=\"", kind.slug, "\""}, static_cast<double>(count));
    }
}

void single(MetricsPage& page, Metric metric, std::optional<double> value, std::string_view labels = {}) {
    if (value) {
        page.begin(metric);
        page.sample({labels}, *value);
    }
}

void scheduler(MetricsPage& page, const Snapshot& snapshot) {
    single(page, Metric::rounds, snapshot.totals.rounds);
    single(page, Metric::rounds_under_way, snapshot.rounds_under_way);
    page.begin(Metric::scheduler_lag);
    page.histogram({}, snapshot.totals.scheduler_lag);
    page.begin(Metric::loop_stall);
    page.histogram({}, snapshot.loop_stalls);
    single(page, Metric::scheduler_overruns, snapshot.totals.overruns);
    single(page, Metric::scheduler_missed_rounds, snapshot.totals.missed);
    single(page, Metric::scheduler_follow_ups_left_out, snapshot.totals.follow_ups_left_out);
}

std::string_view compiler() {
#define WHYLINK_TEXT_OF(number) #number
#define WHYLINK_VERSION_TEXT(major, minor, patch) \
    WHYLINK_TEXT_OF(major) "." WHYLINK_TEXT_OF(minor) "." WHYLINK_TEXT_OF(patch)
#if defined(__clang__)
    return "clang " WHYLINK_VERSION_TEXT(__clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return "gcc " WHYLINK_VERSION_TEXT(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
#undef WHYLINK_VERSION_TEXT
#undef WHYLINK_TEXT_OF
}

void capture(MetricsPage& page, const CaptureStatus& capture) {
    if (capture.interface.empty()) {
        return;
    }
    const std::string interface = label("interface", capture.interface);
    single(page, Metric::capture_up, capture.up ? 1 : 0, interface);
    single(page, Metric::capture_packets, capture.packets, interface);
    single(page, Metric::capture_dropped_packets, capture.dropped, interface);
}

void evidence(MetricsPage& page, const EvidenceStatus& status) {
    single(page, Metric::evidence_up, status.up ? 1 : 0);
    page.begin(Metric::evidence_writes);
    for (const Term<EvidenceResult>& result : terms_of<EvidenceResult>) {
        page.sample({"result=\"", result.slug, "\""},
                    static_cast<double>(status.results.at(static_cast<std::size_t>(result.value))));
    }
    single(page, Metric::evidence_files, status.files);
    single(page, Metric::evidence_bytes, status.bytes);
}

void control_reads(MetricsPage& page, const ControlStatus& status) {
    page.begin(Metric::control_reads);
    for (const auto& [series, count] : status.reads) {
        const auto& [account, read, result] = series;
        page.sample({label("account", account), ",", label("read", read), ",result=\"", slug(result), "\""},
                    static_cast<double>(count));
    }
}

/// Of targets whose accounts know their connection.
void connection_states(MetricsPage& page, const std::vector<Row>& rows) {
    page.begin(Metric::connection_state);
    for (const Row& row : rows) {
        if (row.status->readings != nullptr && row.status->readings->connection) {
            const ConnectionStanding& connection = *row.status->readings->connection;
            page.sample({row.name, ",", label("account", connection.account), ",state=\"",
                         slug(connection.state), "\""},
                        1);
        }
    }
}

void http_server(MetricsPage& page, const HttpStatus& status) {
    single(page, Metric::http_connections, status.connections);
    single(page, Metric::http_connections_accepted, status.accepted);
    page.begin(Metric::http_connections_closed);
    page.sample({"reason=\"evicted\""}, static_cast<double>(status.evicted));
    page.sample({"reason=\"refused\""}, static_cast<double>(status.refused));
    single(page, Metric::http_requests, status.requests);
    single(page, Metric::http_requests_without_room, status.without_room);
    single(page, Metric::http_pending, status.pending_bytes);
}

void daemon_itself(MetricsPage& page, const Snapshot& snapshot) {
    capture(page, snapshot.capture);
    if (snapshot.evidence) {
        evidence(page, *snapshot.evidence);
    }
    if (snapshot.history) {
        single(page, Metric::history_up, snapshot.history->up ? 1 : 0);
        single(page, Metric::history_records_dropped, snapshot.history->dropped);
    }
    single(page, Metric::config_last_reload_successful, snapshot.config.last_reload_successful ? 1 : 0);
    single(page, Metric::config_last_reload_success, seconds(snapshot.config.last_success));
    single(page, Metric::log_records_dropped, snapshot.log_records_dropped);
    http_server(page, snapshot.http);
    control_reads(page, snapshot.control);
}

void build(MetricsPage& page) {
    single(page, Metric::build_info, 1,
           label("version", WHYLINK_VERSION) + "," + label("compiler", compiler()));
}

void process(MetricsPage& page) {
    const ProcessFigures figures = process_figures();
    single(page, Metric::process_cpu, figures.cpu_seconds);
    single(page, Metric::process_resident_memory, figures.resident_bytes);
    single(page, Metric::process_virtual_memory, figures.virtual_bytes);
    single(page, Metric::process_open_fds, figures.open_fds);
    single(page, Metric::process_max_fds, figures.max_fds);
    single(page, Metric::process_threads, figures.threads);
    single(page, Metric::process_start_time, figures.start_time);
}

}  // namespace

void render_metrics(const Snapshot& snapshot, MetricsFormat format,
                    const std::function<void(std::string_view)>& piece) {
    const std::vector<Row> rows = rows_of(snapshot);
    MetricsPage page(format, piece);
    health(page, rows);
    diagnoses(page, rows);
    latest_probes(page, rows);
    addresses_left_out(page, rows);
    probe_counts(page, rows);
    probe_durations(page, snapshot.totals);
    follow_ups(page, snapshot.totals);
    certificates(page, rows);
    packets(page, rows);
    states_since(page, rows);
    last_rounds(page, rows);
    target_infos(page, rows);
    target_counts(page, rows);
    scheduler(page, snapshot);
    daemon_itself(page, snapshot);
    connection_states(page, rows);
    build(page);
    process(page);
    page.finish();
}

}  // namespace whylink::daemon::http
