// What `GET /probe` is asked for, as users of blackbox_exporter ask it.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/vocabulary.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {

/// The modules that blackbox_exporter's own examples have, by the same names.
enum class ProbeModule { tcp_connect, tcp_tls, http_2xx, dns };

consteval auto vocabulary(ProbeModule) {
    using enum ProbeModule;
    return terms<ProbeModule>(
        {{tcp_connect, "tcp_connect"}, {tcp_tls, "tcp_tls"}, {http_2xx, "http_2xx"}, {dns, "dns"}});
}

/// A request, apart from the library that carries it.
struct ProbeRequest {
    std::vector<std::pair<std::string, std::string>>
        query;                   ///< decoded, in order; of a repeated one the first counts
    std::string scrape_timeout;  ///< the header X-Prometheus-Scrape-Timeout-Seconds; empty: not sent
    std::string client = {};     ///< whom limits count as one
};

struct ProbeAnswer {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

/// A line of text.
ProbeAnswer refusal(unsigned status, const std::string& text);

/// A request that was understood.
struct ProbeOrder {
    ProbeModule module = ProbeModule::http_2xx;
    std::string target;
    std::string hostname;    ///< the server's name, where `target` is not it; empty: as `target`
    std::string query_name;  ///< of `dns`
    probes::RecordType query_type = probes::RecordType::a;
    std::chrono::milliseconds timeout{0};  ///< of the whole probe
    bool debug = false;
};

/// Without the header a probe may take as long as blackbox_exporter's; no header makes it take longer.
inline constexpr std::chrono::milliseconds max_probe_time{120'000};
/// What the scrape needs beside the probe.
inline constexpr std::chrono::milliseconds scrape_offset{500};

/// Checked in blackbox_exporter's order: the module (400), the header (500), the target (400), the rest (400).
std::variant<ProbeOrder, ProbeAnswer> read_order(const ProbeRequest& request);

}  // namespace whylink::daemon
