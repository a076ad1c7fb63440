#include "daemon/probe/page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/exposition.hpp"
#include "daemon/http/metric_families.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using http::label;
using probes::AppFacts;
using probes::DnsFacts;
using probes::TcpFacts;
using probes::TlsFacts;

double seconds(probes::Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

double unix_time(probes::WallClock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// Gauges, each family with its first sample.
class Gauges {
  public:
    void family(std::string_view name, std::string_view help) {
        name_ = name;
        fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
    }
    /// One that /metrics has as well.
    void family(http::Metric metric) { family(http::family(metric).name, http::family(metric).help); }
    void sample(std::initializer_list<std::string> labels, double value) {
        text_ += name_;
        if (labels.size() > 0) {
            fmt::format_to(std::back_inserter(text_), "{{{}}}", fmt::join(labels, ","));
        }
        fmt::format_to(std::back_inserter(text_), " {}\n", value);
    }
    void add(std::string_view name, std::string_view help, double value) {
        family(name, help);
        sample({}, value);
    }
    std::string take() { return std::move(text_); }

  private:
    std::string_view name_;
    std::string text_;
};

/// FNV-1a of 32 bits over the 4 or 16 bytes, as blackbox_exporter has it.
std::uint32_t address_hash(const IpAddress& address) {
    constexpr std::uint32_t offset = 2166136261U;
    constexpr std::uint32_t prime = 16777619U;
    std::uint32_t hash = offset;
    for (const std::uint8_t byte : address.bytes()) {
        hash = (hash ^ byte) * prime;
    }
    return hash;
}

void add_general(Gauges& page, const ProbeResult& result) {
    page.add("probe_success", "Displays whether or not the probe was a success", result.success ? 1 : 0);
    page.add("probe_duration_seconds", "Returns how long the probe took to complete in seconds",
             seconds(result.phases.sum()));
    page.add("probe_timeout_seconds", "Returns how long the probe timeout is in seconds",
             seconds(result.order.timeout));
    page.add("probe_dns_lookup_time_seconds", "Returns the time taken for probe dns lookup in seconds",
             seconds(result.phases.resolve));
    const double protocol = !result.address ? 0 : result.address->is_v4() ? 4 : 6;
    page.add("probe_ip_protocol", "Specifies whether probe ip protocol is IP4 or IP6", protocol);
    if (result.address) {
        page.add("probe_ip_addr_hash",
                 "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
                 address_hash(*result.address));
    }
}

void add_connection(Gauges& page, const ProbeResult& result) {
    const auto* tcp = facts_of<TcpFacts>(result);
    if (tcp != nullptr && tcp->connected) {
        page.add("probe_failed_due_to_regex", "Indicates if probe failed due to regex", 0);
    }
}

/// "TLSv1.3" is "TLS 1.3" in Go.
std::string version_in_go(std::string_view version) {
    constexpr std::string_view begin = "TLSv";
    if (!version.starts_with(begin)) {
        return "unknown";
    }
    const std::string number(version.substr(begin.size()));
    return "TLS " + (number == "1" ? "1.0" : number);
}

template <class Certificates, class Member>
double earliest_end(const Certificates& certificates, Member certificate) {
    const auto first = std::ranges::min_element(
        certificates, {}, [&](const auto& one) { return std::invoke(certificate, one).not_after; });
    return unix_time(std::invoke(certificate, *first).not_after);
}

/// The dates are there of a chain that does not verify, too: an alert on them must not fall silent when it is due.
void add_tls(Gauges& page, const ProbeResult& result) {
    const auto* tls = facts_of<TlsFacts>(result);
    if (tls == nullptr) {
        return;
    }
    if (!tls->chain.empty()) {
        page.add("probe_ssl_earliest_cert_expiry", "Returns last SSL chain expiry in unixtime",
                 earliest_end(tls->chain, std::identity()));
    }
    if (!tls->path.empty() && tls->verify_faults.empty()) {
        page.add("probe_ssl_last_chain_expiry_timestamp_seconds",
                 "Returns last SSL chain expiry in timestamp",
                 earliest_end(tls->path, &probes::PathCertificate::certificate));
    }
    if (tls->progress != probes::TlsProgress::complete) {
        return;
    }
    page.family("probe_tls_version_info", "Returns the TLS version used or NaN when unknown");
    page.sample({label("version", version_in_go(tls->version))}, 1);
    if (result.order.module == ProbeModule::http_2xx) {
        page.family("probe_tls_cipher_info", "Returns the TLS cipher negotiated during handshake");
        page.sample({label("cipher", tls->cipher)}, 1);
    }
}

void add_http(Gauges& page, const ProbeResult& result) {
    const auto* app = facts_of<AppFacts>(result);
    page.family("probe_http_duration_seconds",
                "Duration of http request by phase, summed over all redirects");
    const ProbePhases& phases = result.phases;
    page.sample({label("phase", "resolve")}, seconds(phases.resolve));
    page.sample({label("phase", "connect")}, seconds(phases.connect));
    page.sample({label("phase", "tls")}, seconds(phases.tls));
    page.sample({label("phase", "processing")}, seconds(phases.processing));
    page.sample({label("phase", "transfer")}, seconds(phases.transfer));
    page.add("probe_http_redirects", "The number of redirects", result.redirects);
    page.add("probe_http_status_code", "Response HTTP status code",
             app == nullptr ? 0 : app->status.value_or(0));
    page.add("probe_http_ssl", "Indicates if SSL was used for the final redirect",
             app != nullptr && app->over_tls ? 1 : 0);
    if (app == nullptr || !app->status) {
        return;
    }
    const double minor = app->http ? app->http->minor_version : 1;
    page.add("probe_http_version", "Returns the version of HTTP of the probe response",
             app->http2 ? 2 : 1 + minor / 10);
    if (app->http) {
        const auto length = app->http->content_length;
        page.add("probe_http_content_length", "Length of http content response",
                 length ? static_cast<double>(*length) : -1);
    }
}

void add_dns(Gauges& page, const ProbeResult& result) {
    const auto* dns = facts_of<DnsFacts>(result);
    const bool asked = dns != nullptr && result.address && !dns->queries.empty();
    page.family("probe_dns_duration_seconds", "Duration of DNS request by phase");
    page.sample({label("phase", "resolve")}, seconds(result.phases.resolve));
    page.sample({label("phase", "connect")}, 0);
    page.sample({label("phase", "request")}, seconds(result.phases.processing));
    const probes::DnsQuery query = asked ? dns->queries.front() : probes::DnsQuery();
    page.add("probe_dns_query_succeeded", "Displays whether or not the query was executed successfully",
             query.rcode ? 1 : 0);
    page.add("probe_dns_answer_rrs", "Returns number of entries in the answer resource record list",
             query.records.answer);
    page.add("probe_dns_authority_rrs", "Returns number of entries in the authority resource record list",
             query.records.authority);
    page.add("probe_dns_additional_rrs", "Returns number of entries in the additional resource record list",
             query.records.additional);
}

void add_module(Gauges& page, const ProbeResult& result) {
    switch (result.order.module) {
        case ProbeModule::tcp_connect:
        case ProbeModule::tcp_tls:
            add_connection(page, result);
            break;
        case ProbeModule::http_2xx:
            page.add("probe_failed_due_to_regex", "Indicates if probe failed due to regex", 0);
            add_http(page, result);
            break;
        case ProbeModule::dns:
            add_dns(page, result);
            break;
    }
    add_tls(page, result);
}

void add_outcomes(Gauges& page, const ProbeResult& result, const std::string& kind, const std::string& name) {
    page.family(http::Metric::probe_outcome);
    std::vector<std::string> seen;
    for (const checks::JudgedProbe& probe : result.verdict->probes) {
        const DnsFacts* dns = probe.dns();
        const std::string where =
            dns != nullptr
                ? label("resolver", resolver_text(*dns))
                : label("address", probe.observation.address ? probe.observation.address->to_string() : "");
        const std::string stage = label("stage", slug(probe.observation.stage));
        // Two names may be asked of one resolver; a series stands once.
        if (std::ranges::find(seen, stage + where) == seen.end()) {
            seen.push_back(stage + where);
            page.sample({kind, name, stage, where, label("outcome", slug(probe.outcome))}, 1);
        }
    }
}

/// By the same names as on /metrics, so that the same rules and dashboards take them.
void add_diagnosis(Gauges& page, const ProbeResult& result) {
    const checks::Decision& decision = result.verdict->decision;
    const std::string kind = label("kind", slug(result.target->kind()));
    const std::string name = label("name", result.target->name());
    page.family(http::Metric::healthy);
    page.sample({kind, name}, result.verdict->healthy ? 1 : 0);
    page.family(http::Metric::diagnosis);
    page.sample(
        {kind, name, label("cause", slug(decision.cause)), label("severity", slug(decision.severity))}, 1);
    page.family(http::Metric::diagnosis_confidence);
    page.sample({kind, name}, 1 + static_cast<double>(decision.confidence));
    add_outcomes(page, result, kind, name);
}

}  // namespace

std::string probe_metrics(const ProbeResult& result) {
    Gauges page;
    add_general(page, result);
    add_module(page, result);
    add_diagnosis(page, result);
    return page.take();
}

std::string probe_debug_page(const ProbeResult& result, const std::string& vantage_point) {
    Report report;
    report.vantage_point = vantage_point;
    report.started_at = result.started;
    report.duration = result.took;
    report.entries.push_back({result.target, result.verdict});
    std::string text = "Logs for the probe:\n";
    for (const std::string& line : result.log) {
        text += printable(line) + "\n";
    }
    text += fmt::format("probe {} after {:.3g} s\n", result.success ? "succeeded" : "failed",
                        seconds(result.took));
    text += "\n\n\nMetrics that would have been returned:\n" + probe_metrics(result);
    return text + "\n\n\nReport:\n" + human_format.render(report, HumanStyle{}, std::nullopt);
}

}  // namespace whylink::daemon
