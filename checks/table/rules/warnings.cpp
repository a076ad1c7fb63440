// What works here, and not for everybody: healthy, with severity `warning`. The first row that holds is the summary,
// the others stand in the evidence.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

// Of these something else is said.
constexpr FactSet said_otherwise{zone,           watch,        answers_differ,        certificate_expiring,
                                 comes_and_goes, idle_dropped, edns_lost_for_programs};
constexpr FactSet size_settled{zone,
                               watch,
                               answers_differ,
                               certificate_expiring,
                               comes_and_goes,
                               idle_dropped,
                               edns_lost_for_programs,
                               large_hello_segments_pass,
                               large_hello_segments_fail,
                               large_hello_answered};

constexpr Row rows[]{
    {.cause = healthy,
     .when = {all_pass, large_hello_fails, large_hello_segments_fail},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, not for clients with a post-quantum key share (browsers, Go 1.24, "
         "OpenSSL 3.5): a ClientHello of more than one packet fails",
     .warns = true,
     .fault = "large_hello"},
    {.cause = healthy,
     .when = {all_pass, large_hello_fails, large_hello_segments_pass},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here with small packets; a ClientHello that fills a packet is lost, as "
         "clients with a post-quantum key share send it (browsers, Go 1.24, OpenSSL 3.5)",
     .warns = true,
     .fault = "large_hello_full_packets"},
    {.cause = healthy,
     .when = {all_pass, large_hello_fails},
     .unless = size_settled,
     .best = medium,
     .summary =
         "{host} port {port} works here, likely not for clients with a post-quantum key share (browsers, Go "
         "1.24, OpenSSL 3.5): a large ClientHello failed",
     .warns = true,
     .fault = "large_hello"},
    {.cause = healthy,
     .when = {all_pass, name_in_subject_only},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here; browsers, Go and Rust clients refuse its certificate, which has the "
         "name in its CN only and in no subjectAltName",
     .warns = true,
     .fault = "name_in_subject_only"},
    {.cause = healthy,
     .when = {all_pass, intermediate_not_sent},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here; clients without the intermediate certificate refuse it, which the "
         "server does not send and this host has",
     .warns = true,
     .fault = "intermediate_not_sent"},
    {.cause = healthy,
     .when = {all_pass, tls_version_old},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here; clients with default settings refuse it (browsers, Go, Java, OpenSSL "
         "3): it speaks TLS 1.1 or older",
     .warns = true,
     .fault = "tls_version_old"},
    {.cause = healthy,
     .when = {all_pass, finite_field_only},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works for older programs; newer ones refuse it (browsers, Go): it knows no key exchange but "
         "finite-field Diffie-Hellman (DHE)",
     .warns = true,
     .fault = "finite_field_only"},
    {.cause = healthy,
     .when = {all_pass, alpn_not_chosen},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here; clients that need one of these protocols refuse it (gRPC for Go since "
         "1.67): the server chose none of `alpn` (ALPN)",
     .warns = true,
     .fault = "alpn_not_chosen"},
    {.cause = healthy,
     .when = {all_pass, app_other_version},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here; it refuses clients of MQTT 3.1.1, as the check is one: it takes another "
         "version, most likely MQTT 5",
     .warns = true,
     .fault = "mqtt_other_version"},
};

}  // namespace

std::span<const Row> warning_rules() {
    return rows;
}

}  // namespace whylink::checks
