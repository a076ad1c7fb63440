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
     .when = {all_pass, repeat_fails},
     .unless = said_otherwise,
     .best = medium,
     .summary = "{host} port {port} works, but not each time: a repeat of the connection fails.",
     .warns = true,
     .fault = "target_fails"},
    {.cause = healthy,
     .when = {all_pass, large_hello_fails, large_hello_segments_fail},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here but not for clients with a post-quantum key share (browsers, Go "
         "1.24, OpenSSL 3.5). A ClientHello of more than one packet fails.",
     .warns = true,
     .fault = "large_hello"},
    {.cause = healthy,
     .when = {all_pass, large_hello_fails, large_hello_segments_pass},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works with small packets, but a full-sized ClientHello is lost. Clients with a "
         "post-quantum key share send one (browsers, Go 1.24, OpenSSL 3.5).",
     .warns = true,
     .fault = "large_hello_full_packets"},
    {.cause = healthy,
     .when = {all_pass, large_hello_fails},
     .unless = size_settled,
     .best = medium,
     .summary =
         "{host} port {port} works here but likely not for clients with a post-quantum key share (browsers, "
         "Go 1.24, OpenSSL 3.5). A large ClientHello fails.",
     .warns = true,
     .fault = "large_hello"},
    {.cause = healthy,
     .when = {all_pass, name_in_subject_only},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, but browsers, Go and Rust refuse the certificate: its name is in "
         "the CN only, not in subjectAltName.",
     .warns = true,
     .fault = "name_in_subject_only"},
    {.cause = healthy,
     .when = {all_pass, intermediate_not_sent},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, but clients without the intermediate certificate refuse it: the "
         "server does not send it.",
     .warns = true,
     .fault = "intermediate_not_sent"},
    {.cause = healthy,
     .when = {all_pass, tls_version_old},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, but clients with default settings refuse it (browsers, Go, Java, "
         "OpenSSL 3): TLS 1.1 or older.",
     .warns = true,
     .fault = "tls_version_old"},
    {.cause = healthy,
     .when = {all_pass, finite_field_only},
     .unless = said_otherwise,
     .best = high,
     .summary = "{host} port {port} works for older programs; newer ones refuse it (browsers, Go): it takes "
                "finite-field Diffie-Hellman (DHE) only.",
     .warns = true,
     .fault = "finite_field_only"},
    {.cause = healthy,
     .when = {all_pass, alpn_not_chosen},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, but the server chose none of `alpn`: clients that need ALPN refuse "
         "it (gRPC for Go since 1.67).",
     .warns = true,
     .fault = "alpn_not_chosen"},
    {.cause = healthy,
     .when = {all_pass, app_other_version},
     .unless = said_otherwise,
     .best = high,
     .summary =
         "{host} port {port} works here, but refuses clients of MQTT 3.1.1 such as this check: it takes "
         "another version, most likely MQTT 5.",
     .warns = true,
     .fault = "mqtt_other_version"},
};

}  // namespace

std::span<const Row> warning_rules() {
    return rows;
}

}  // namespace whylink::checks
