#include "daemon/http/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "parsed_page.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::snapshot;
using fabricated::watched;
using http::MetricsFormat;
using parsed::page;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::array formats{MetricsFormat::prometheus, MetricsFormat::openmetrics};

TEST(Metrics, FamiliesStandTogetherAndNothingStandsTwice) {
    for (const MetricsFormat format : formats) {
        std::set<std::string> names;
        for (const parsed::Family& family : parsed::families(page(fabricated::full_snapshot(), format))) {
            EXPECT_TRUE(names.insert(family.name).second) << family.name;
            EXPECT_FALSE(family.help.empty()) << family.name;
            EXPECT_FALSE(family.samples.empty()) << family.name;
            std::set<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> series;
            for (const parsed::Sample& sample : family.samples) {
                EXPECT_THAT(sample.name, testing::StartsWith(family.name));
                EXPECT_TRUE(series.emplace(sample.name, sample.labels).second) << sample.name;
            }
        }
    }
}

TEST(Metrics, HealthIsAbsentUntilARoundCouldBeMade) {
    TargetStatus status = watched(fabricated::healthy_endpoint("a"));
    status.healthy.reset();
    const std::string text = page(snapshot({status, watched(fabricated::failing_endpoint("b"))}));
    EXPECT_THAT(text, Not(HasSubstr("whylink_healthy{kind=\"endpoint\",name=\"a\"}")));
    EXPECT_THAT(text, HasSubstr("\nwhylink_healthy{kind=\"endpoint\",name=\"b\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("whylink_diagnosis{kind=\"endpoint\",name=\"a\",cause=\"healthy\""));
}

TEST(Metrics, HealthIsTheDampedOneAndTheDiagnosisTheLatest) {
    TargetStatus status = watched(fabricated::failing_endpoint("a"));
    status.healthy = true;
    const std::string text = page(snapshot({status}));
    EXPECT_THAT(text, HasSubstr("\nwhylink_healthy{kind=\"endpoint\",name=\"a\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_diagnosis{kind=\"endpoint\",name=\"a\",cause=\"not_on_allowlist\","
                                "severity=\"critical\"} 1\n"));
}

TEST(Metrics, BeforeTheFirstRoundThereIsOnlyTheTargetItself) {
    const std::string text = page(snapshot({fabricated::unwatched("new")}));
    EXPECT_THAT(text, HasSubstr("\nwhylink_target_info{kind=\"endpoint\",name=\"new\",profile=\"\"} 1\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_targets{kind=\"endpoint\"} 1\nwhylink_targets{kind=\"zone\"} 0\n"));
    for (const char* name :
         {"whylink_healthy", "whylink_diagnosis", "whylink_probe", "whylink_tls_", "whylink_last_round",
          "whylink_capture", "whylink_packet", "whylink_experiments"}) {
        EXPECT_THAT(text, Not(HasSubstr(name)));
    }
}

TEST(Metrics, ConfidenceCountsFromOne) {
    for (const auto& [confidence, value] : {std::pair{checks::Confidence::low, "1"},
                                            {checks::Confidence::medium, "2"},
                                            {checks::Confidence::high, "3"}}) {
        fabricated::EndpointEntry report = fabricated::failing_endpoint("a");
        report.verdict.decision.confidence = confidence;
        EXPECT_THAT(page(snapshot({watched(report)})),
                    HasSubstr(std::string("\nwhylink_diagnosis_confidence{kind=\"endpoint\",name=\"a\"} ") +
                              value + "\n"));
    }
}

TEST(Metrics, ProbesHaveTheirStageAndWhere) {
    const std::string text = page(snapshot({watched(fabricated::failing_endpoint("a"))}));
    const std::string target = "{kind=\"endpoint\",name=\"a\",stage=";
    EXPECT_THAT(text, HasSubstr("\nwhylink_probe_outcome" + target +
                                "\"dns\",resolver=\"10.0.0.2:53\",outcome=\"ok\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_probe_outcome" + target +
                                "\"tls\",address=\"10.0.0.4\",outcome=\"pending_allowlist\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_probe_last_duration_seconds" + target +
                                "\"dns\",resolver=\"10.0.0.2:53\"} 0.0012\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_probes_total" + target + "\"tls\",outcome=\"pending_allowlist\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("whylink_tls_certificate")));
}

TEST(Metrics, AnAddressTooManyHasNoSeriesAndIsCounted) {
    fabricated::EndpointEntry report = fabricated::healthy_endpoint("a");
    report.verdict.probes = {fabricated::tls("10.0.0.4"), fabricated::tls("10.0.0.5")};
    TargetStatus status = watched(report);
    const std::string all = page(snapshot({status}));
    EXPECT_THAT(all, HasSubstr("address=\"10.0.0.5\""));
    EXPECT_THAT(all, Not(HasSubstr("whylink_probe_addresses_left_out")));
    status.without_series = {fabricated::address("10.0.0.5")};
    const std::string fewer = page(snapshot({status}));
    EXPECT_THAT(fewer, Not(HasSubstr("10.0.0.5")));
    EXPECT_THAT(fewer, HasSubstr("address=\"10.0.0.4\""));
    EXPECT_THAT(fewer, HasSubstr("\nwhylink_probe_addresses_left_out{kind=\"endpoint\",name=\"a\"} 1\n"));
}

TEST(Metrics, ExperimentsCountByWhatTheyShowed) {
    const std::string text = page(fabricated::full_snapshot());
    EXPECT_THAT(
        text,
        HasSubstr("\nwhylink_experiments_total{experiment=\"proxy_v2\",outcome=\"pending_allowlist\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_scheduler_experiments_left_out_total 6\n"));
}

TEST(Metrics, AWatchIsATargetLikeTheOthers) {
    const std::string text =
        page(snapshot({watched(fabricated::watch("saas", true, Cause::healthy, checks::Severity::ok))}));
    const std::string target = "{kind=\"watch\",name=\"saas\"";
    EXPECT_THAT(text, HasSubstr("\nwhylink_healthy" + target + "} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_target_info" + target + ",profile=\"\"} 1\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_probe_outcome" + target + ",stage=\"listener\",outcome=\"ok\"} 1\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_probe_last_duration_seconds" + target + ",stage=\"packets\"} 10\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_targets{kind=\"watch\"} 1\n"));
}

TEST(Metrics, PacketsAreThoseOfTargetsThatHadSome) {
    fabricated::EndpointEntry with = fabricated::failing_endpoint("with");
    with.verdict.packets = {fabricated::packets("10.0.0.4")};
    const std::string text =
        page(snapshot({watched(with), watched(fabricated::failing_endpoint("without"))}));
    const std::string target = "{kind=\"endpoint\",name=\"with\"} ";
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_syn_retransmits_total" + target + "0\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_resets_received_total" + target + "1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_segments_total" + target + "1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_retransmits_total" + target + "0\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_handshake_rtt_seconds" + target + "0.0004\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_packet_retransmit_ratio" + target + "0\n"));
    for (const parsed::Family& family : parsed::families(text)) {
        const std::size_t expected = family.name.starts_with("whylink_packet_") ? 1 : family.samples.size();
        EXPECT_EQ(family.samples.size(), expected) << family.name;
    }
    // Nothing to measure is not zero.
    with.verdict.packets = {fabricated::packets("10.0.0.4", {})};
    const std::string unanswered = page(snapshot({watched(with)}));
    EXPECT_THAT(unanswered, HasSubstr("\nwhylink_packet_segments_total" + target + "0\n"));
    EXPECT_THAT(unanswered, Not(HasSubstr("whylink_packet_handshake_rtt_seconds")));
    EXPECT_THAT(unanswered, Not(HasSubstr("whylink_packet_retransmit_ratio")));
}

TEST(Metrics, ADurationIsAbsentWhereNothingRan) {
    fabricated::EndpointEntry report = fabricated::healthy_endpoint("a");
    report.verdict.probes = {fabricated::tcp("10.0.0.4")};
    report.verdict.probes.front().observation.local = probes::LocalError{"socket", 24, "Too many open files"};
    report.verdict.probes.front().outcome = checks::Outcome::local_error;
    const std::string text = page(snapshot({watched(report)}));
    EXPECT_THAT(text, HasSubstr("outcome=\"local_error\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("whylink_probe_last_duration_seconds")));
}

TEST(Metrics, TimesAreSecondsSinceTheEpoch) {
    const std::string text = page(snapshot({watched(fabricated::healthy_endpoint("a"))}));
    EXPECT_THAT(
        text,
        HasSubstr(
            "\nwhylink_tls_certificate_not_after_timestamp_seconds{name=\"a\",address=\"10.0.0.4\"} 1798804800\n"));
    // The end of the round.
    EXPECT_THAT(text, HasSubstr("\nwhylink_last_round_timestamp_seconds{kind=\"endpoint\",name=\"a\"} "
                                "1767268800.12\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_config_last_reload_success_timestamp_seconds 1767268800\n"));
}

TEST(Metrics, HistogramsAreCumulative) {
    const std::string text = page(fabricated::full_snapshot());
    const std::string tcp = "\nwhylink_probe_duration_seconds_bucket{kind=\"endpoint\",stage=\"tcp\",le=";
    EXPECT_THAT(text, HasSubstr(tcp + "\"0.0005\"} 1" + tcp + "\"0.001\"} 1\n"));
    EXPECT_THAT(text, HasSubstr(tcp + "\"10\"} 1" + tcp + "\"+Inf\"} 2\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_probe_duration_seconds_sum{kind=\"endpoint\",stage=\"tcp\"} 20.0004\n"));
    EXPECT_THAT(text,
                HasSubstr("\nwhylink_probe_duration_seconds_count{kind=\"endpoint\",stage=\"tcp\"} 2\n"));
    // Never ran.
    EXPECT_THAT(text, Not(HasSubstr("{kind=\"zone\",stage=\"tcp\"")));
    EXPECT_THAT(text, HasSubstr("\nwhylink_scheduler_lag_seconds_bucket{le=\"0.00025\"} 1\n"));
}

TEST(Metrics, OpenMetricsHasItsOwnForms) {
    const std::string text = page(fabricated::full_snapshot(), MetricsFormat::openmetrics);
    EXPECT_THAT(text, HasSubstr("\n# TYPE whylink_probes counter\nwhylink_probes_total{"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_scheduler_lag_seconds_bucket{le=\"1.0\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("{le=\"0.0001\"}"));
    EXPECT_THAT(text, HasSubstr("{le=\"+Inf\"}"));
    EXPECT_THAT(text, EndsWith("\n# EOF\n"));
    const std::string prometheus = page(fabricated::full_snapshot());
    EXPECT_THAT(prometheus, HasSubstr("\n# TYPE whylink_probes_total counter\nwhylink_probes_total{"));
    EXPECT_THAT(prometheus, Not(HasSubstr("# EOF")));
}

TEST(Metrics, AnyTextIsALabel) {
    const std::string odd = "a\"b\\c\nd\te\x01\xff\xe2\x82\xac,}=";
    fabricated::EndpointEntry report = fabricated::healthy_endpoint(odd);
    report.endpoint.labels = {{"note", std::string("x\0y", 3)}, {"empty", ""}};
    for (const MetricsFormat format : formats) {
        const std::string text = page(snapshot({watched(report)}), format);
        EXPECT_EQ(text.find('\xff'), std::string::npos);
        const auto families = parsed::families(text);
        const auto info = std::ranges::find(families, "whylink_target_info", &parsed::Family::name);
        ASSERT_NE(info, families.end());
        const std::vector<std::pair<std::string, std::string>> expected{
            {"kind", "endpoint"},
            {"name", "a\"b\\c\nd\te\x01\\xff\xe2\x82\xac,}="},
            {"profile", ""},
            {"empty", ""},
            {"note", std::string("x\0y", 3)}};
        ASSERT_EQ(info->samples.size(), 1U);
        EXPECT_EQ(info->samples.front().labels, expected);
    }
}

TEST(Metrics, CaptureIsDownWhereItIsWantedAndAbsentWhereNot) {
    Snapshot state = snapshot();
    EXPECT_THAT(page(state), Not(HasSubstr("whylink_capture")));
    state.capture.interface = "eth\"0";
    EXPECT_THAT(page(state), HasSubstr("\nwhylink_capture_up{interface=\"eth\\\"0\"} 0\n"));
    state.capture = {.interface = "any", .up = true, .packets = 2005, .dropped = 7};
    const std::string text = page(state);
    EXPECT_THAT(text, HasSubstr("\nwhylink_capture_up{interface=\"any\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_capture_packets_total{interface=\"any\"} 2005\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_capture_dropped_packets_total{interface=\"any\"} 7\n"));
}

TEST(Metrics, EvidenceIsCountedWherePacketsAreCaptured) {
    Snapshot state = snapshot();
    EXPECT_THAT(page(state), Not(HasSubstr("whylink_evidence")));
    state.evidence = EvidenceStatus{.up = false, .results = {11, 4, 1, 0}, .files = 8, .bytes = 131072};
    const std::string text = page(state);
    for (const char* line : {"whylink_evidence_up 0", "whylink_evidence_writes_total{result=\"kept\"} 11",
                             "whylink_evidence_writes_total{result=\"failed\"} 4",
                             "whylink_evidence_writes_total{result=\"too_large\"} 1",
                             "whylink_evidence_writes_total{result=\"queue_full\"} 0",
                             "whylink_evidence_files 8", "whylink_evidence_bytes 131072"}) {
        EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
    }
}

TEST(Metrics, TheDaemonCountsItself) {
    Snapshot state = fabricated::full_snapshot();
    state.config.last_reload_successful = false;
    state.http = {.connections = 3,
                  .accepted = 21,
                  .evicted = 12,
                  .refused = 6,
                  .requests = 40,
                  .without_room = 8,
                  .pending_bytes = 1024};
    const std::string text = page(state);
    for (const char* line :
         {"whylink_rounds_total 9", "whylink_rounds_under_way 4", "whylink_scheduler_overruns_total 2",
          "whylink_scheduler_missed_rounds_total 1", "whylink_log_records_dropped_total 5",
          "whylink_config_last_reload_successful 0", "whylink_http_connections 3",
          "whylink_http_connections_accepted_total 21",
          "whylink_http_connections_closed_total{reason=\"evicted\"} 12",
          "whylink_http_connections_closed_total{reason=\"refused\"} 6", "whylink_http_requests_total 40",
          "whylink_http_requests_without_room_total 8", "whylink_http_pending_bytes 1024"}) {
        EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
    }
    EXPECT_THAT(text,
                testing::ContainsRegex(
                    "\nwhylink_build_info\\{version=\"[0-9.]+\",compiler=\"(gcc|clang) [0-9.]+\"\\} 1\n"));
}

TEST(Metrics, AccountsAreCountedByCallAndTheirStateByTarget) {
    const std::string text = page(fabricated::full_snapshot());
    for (
        const char* line :
        {R"(whylink_control_reads_total{account="acme-azure",read="GET privateEndpoints",result="ok"} 96)",
         R"(whylink_control_reads_total{account="acme-azure",read="GET networkInterfaces",result="forbidden"} 2)",
         R"(whylink_connection_state{name="clickhouse-prod",account="acme-azure",state="waiting"} 1)"}) {
        EXPECT_THAT(text, HasSubstr(std::string("\n") + line + "\n"));
    }
}

TEST(Metrics, HistogramsWithoutBoundsAreEmptyAndNotBroken) {
    const std::string text = page(Snapshot{});
    EXPECT_THAT(text, HasSubstr("\nwhylink_scheduler_lag_seconds_bucket{le=\"+Inf\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\nwhylink_scheduler_lag_seconds_count 0\n"));
}

TEST(Metrics, ALargePageComesInPieces) {
    std::size_t pieces = 0;
    std::size_t longest = 0;
    std::string text;
    render_metrics(fabricated::large_snapshot(500), MetricsFormat::prometheus, [&](std::string_view piece) {
        ++pieces;
        longest = std::max(longest, piece.size());
        text += piece;
    });
    EXPECT_GT(pieces, 3U);
    EXPECT_LT(longest, 70'000U);
    const auto families = parsed::families(text);
    const auto healthy = std::ranges::find(families, "whylink_healthy", &parsed::Family::name);
    ASSERT_NE(healthy, families.end());
    EXPECT_EQ(healthy->samples.size(), 500U);
}

}  // namespace
}  // namespace whylink::daemon
