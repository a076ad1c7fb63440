#include "daemon/probe/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ProbeResult result_of(ProbeModule module, std::vector<checks::JudgedProbe> probes, bool success) {
    ProbeResult result;
    result.order.module = module;
    result.order.target = "db.corp.test:9440";
    result.order.timeout = 9500ms;
    result.success = success;
    result.took = 1500us;
    result.phases = {.resolve = 1200us, .connect = 400us, .tls = 3ms, .processing = 1ms, .transfer = 0us};
    checks::Verdict verdict =
        fabricated::verdict(success, success ? Cause::healthy : Cause::not_on_allowlist,
                            success ? checks::Severity::ok : checks::Severity::critical);
    verdict.probes = std::move(probes);
    for (const checks::JudgedProbe& probe : verdict.probes) {
        result.address = probe.observation.address ? probe.observation.address : result.address;
    }
    result.verdict = std::make_shared<const checks::Verdict>(std::move(verdict));
    config::Endpoint endpoint;
    endpoint.name = result.order.target;
    endpoint.host = "db.corp.test";
    endpoint.port = 9440;
    result.target = config::make_target(std::move(endpoint));
    result.started = fabricated::noon();
    return result;
}

/// A line of the page.
auto sample(const std::string& line) {
    return HasSubstr("\n" + line + "\n");
}

TEST(ProbePage, HasTheNamesOfBlackboxExporter) {
    const std::string page =
        probe_metrics(result_of(ProbeModule::tcp_tls,
                                {fabricated::dns("db.corp.test", {"10.0.0.4"}), fabricated::tcp("10.0.0.4"),
                                 fabricated::tls("10.0.0.4")},
                                true));
    EXPECT_THAT(page, StartsWith("# HELP probe_success Displays whether or not the probe was a success\n"
                                 "# TYPE probe_success gauge\nprobe_success 1\n"));
    EXPECT_THAT(page, AllOf(sample("probe_duration_seconds 0.0056"), sample("probe_timeout_seconds 9.5"),
                            sample("probe_dns_lookup_time_seconds 0.0012"), sample("probe_ip_protocol 4"),
                            sample("probe_failed_due_to_regex 0"),
                            sample("probe_tls_version_info{version=\"TLS 1.3\"} 1"),
                            HasSubstr("\nprobe_ssl_earliest_cert_expiry 1798804800\n")));
    EXPECT_THAT(page, AllOf(Not(HasSubstr("probe_tls_cipher_info")), Not(HasSubstr("probe_http_")),
                            Not(HasSubstr("probe_dns_duration_seconds"))));
}

TEST(ProbePage, HashesTheAddressAsBlackboxExporterDoes) {
    const std::string page =
        probe_metrics(result_of(ProbeModule::tcp_connect, {fabricated::tcp("127.0.0.1")}, true));
    EXPECT_THAT(page, sample("probe_ip_addr_hash 3668918509"));
}

TEST(ProbePage, HasWhylinksDiagnosisWhateverItIs) {
    const auto page = [](bool success) {
        return probe_metrics(
            result_of(ProbeModule::tcp_tls,
                      {fabricated::tcp("10.0.0.4"),
                       success ? fabricated::tls("10.0.0.4") : fabricated::tls_reset("10.0.0.4")},
                      success));
    };
    EXPECT_THAT(
        page(true),
        AllOf(sample("whylink_healthy{kind=\"endpoint\",name=\"db.corp.test:9440\"} 1"),
              sample("whylink_diagnosis{kind=\"endpoint\",name=\"db.corp.test:9440\",cause=\"healthy\","
                     "severity=\"ok\"} 1")));
    EXPECT_THAT(page(false),
                AllOf(sample("probe_success 0"),
                      sample("whylink_diagnosis{kind=\"endpoint\",name=\"db.corp.test:9440\","
                             "cause=\"not_on_allowlist\",severity=\"critical\"} 1"),
                      HasSubstr("whylink_probe_outcome{kind=\"endpoint\",name=\"db.corp.test:9440\","
                                "stage=\"tls\",address=\"10.0.0.4\",outcome=\"pending_allowlist\"} 1\n")));
}

TEST(ProbePage, OfAnUnresolvedNameHasNoAddress) {
    const std::string page =
        probe_metrics(result_of(ProbeModule::tcp_connect, {fabricated::dns("db.corp.test", {})}, false));
    EXPECT_THAT(page,
                AllOf(sample("probe_success 0"), sample("probe_ip_protocol 0"),
                      Not(HasSubstr("probe_ip_addr_hash")), Not(HasSubstr("probe_failed_due_to_regex"))));
}

TEST(ProbePage, KeepsTheEndOfACertificateThatDoesNotVerify) {
    checks::JudgedProbe tls = fabricated::tls("10.0.0.4");
    auto& facts = get<probes::TlsFacts>(tls.observation.facts);
    facts.verify_faults.emplace_back();
    facts.path.push_back({facts.chain.front(), probes::CertificateSource::server});
    const std::string page =
        probe_metrics(result_of(ProbeModule::tcp_tls, {fabricated::tcp("10.0.0.4"), tls}, false));
    EXPECT_THAT(page, AllOf(HasSubstr("probe_ssl_earliest_cert_expiry 1798804800"),
                            Not(HasSubstr("probe_ssl_last_chain_expiry_timestamp_seconds"))));
}

TEST(ProbePage, OfHttpHasItsPhases) {
    checks::JudgedProbe app = fabricated::app("10.0.0.4");
    auto& facts = get<probes::AppFacts>(app.observation.facts);
    facts.status = 200;
    facts.http = probes::HttpHead{"", 1234, 0};
    ProbeResult result = result_of(ProbeModule::http_2xx,
                                   {fabricated::tcp("10.0.0.4"), fabricated::tls("10.0.0.4"), app}, true);
    result.redirects = 2;
    const std::string page = probe_metrics(result);
    EXPECT_THAT(page, AllOf(sample("probe_http_status_code 200"), sample("probe_http_content_length 1234"),
                            sample("probe_http_version 1"), sample("probe_http_ssl 1"),
                            sample("probe_http_redirects 2"),
                            sample("probe_http_duration_seconds{phase=\"tls\"} 0.003"),
                            sample("probe_http_duration_seconds{phase=\"processing\"} 0.001"),
                            sample("probe_tls_cipher_info{cipher=\"TLS_AES_256_GCM_SHA384\"} 1")));
}

TEST(ProbePage, OfHttpWithoutAnAnswerHasStatusZero) {
    const std::string page =
        probe_metrics(result_of(ProbeModule::http_2xx, {fabricated::tcp("10.0.0.4")}, false));
    EXPECT_THAT(page, AllOf(sample("probe_http_status_code 0"), Not(HasSubstr("probe_http_version"))));
}

TEST(ProbePage, OfDnsCountsTheRecords) {
    checks::JudgedProbe dns = fabricated::dns("db.corp.test", {"10.0.0.4"});
    get<probes::DnsFacts>(dns.observation.facts).queries.front().records = {3, 2, 1};
    ProbeResult result = result_of(ProbeModule::dns, {dns}, true);
    result.address = fabricated::address("10.0.0.2");
    const std::string page = probe_metrics(result);
    EXPECT_THAT(page, AllOf(sample("probe_dns_query_succeeded 1"), sample("probe_dns_answer_rrs 3"),
                            sample("probe_dns_authority_rrs 2"), sample("probe_dns_additional_rrs 1"),
                            sample("probe_dns_duration_seconds{phase=\"request\"} 0.001")));
}

TEST(ProbePage, EachSeriesStandsOnce) {
    const std::string page =
        probe_metrics(result_of(ProbeModule::tcp_connect,
                                {fabricated::dns("db.corp.test", {"10.0.0.4"}),
                                 fabricated::dns("b.corp.test", {"10.0.0.4"}), fabricated::tcp("10.0.0.4")},
                                true));
    const std::string series = "stage=\"dns\",resolver=\"10.0.0.2:53\"";
    EXPECT_NE(page.find(series), std::string::npos);
    EXPECT_EQ(page.find(series), page.rfind(series));
}

TEST(ProbePage, OfDebugHasLogMetricsAndReport) {
    ProbeResult result = result_of(ProbeModule::tcp_connect, {fabricated::tcp("10.0.0.4")}, true);
    result.log = {"first line", "\x1b[31mred"};
    const std::string page = probe_debug_page(result, "vm-7");
    EXPECT_THAT(page, StartsWith("Logs for the probe:\nfirst line\n"));
    EXPECT_EQ(page.find('\x1b'), std::string::npos) << "nothing of it controls a terminal";
    EXPECT_THAT(page, AllOf(HasSubstr("\n\n\nMetrics that would have been returned:\n# HELP probe_success"),
                            HasSubstr("\n\n\nReport:\n"), HasSubstr("probe succeeded")));
}

}  // namespace
}  // namespace whylink::daemon
