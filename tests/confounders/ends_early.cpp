// Accepted, and ended before the server's first byte.
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

lab::TlsService good() {
    return certificates().service("good");
}

// A gateway before many services: it resets the one whose allow-list lacks this endpoint.
lab::StreamBehaviour gateway(const std::string& turned_away) {
    lab::StreamBehaviour behaviour = lab::speaks(good());
    behaviour.by_name = {{turned_away, lab::reset_after_read()}};
    return behaviour;
}

}  // namespace

std::vector<Confounder> ends_early() {
    const std::string unlisted = "not_on_allowlist";
    Confounder reset = served("reset_at_accept", "RST at accept", unlisted, lab::reset_at_accept());
    Confounder closed = served("close_at_accept", "close() at accept", unlisted, lab::close_at_accept());
    reset.is_race = closed.is_race = true;
    return {
        served("reset_after_hello", "reads the ClientHello, RST", unlisted, lab::reset_after_read()),
        served("reset_after_hello_listed", "the same, from a service with an allow-list", unlisted,
               lab::reset_after_read(), listed()),
        served("one_name_reset_listed",
               "a gateway of a service with an allow-list: RST for this name, TLS for others", unlisted,
               gateway(listed_host), listed()),
        served("one_name_reset", "a device that resets by the name in the ClientHello (SNI filter)",
               "not_on_allowlist", gateway(host)),
        reset,
        closed,
        served("close_after_hello", "reads the ClientHello, FIN", unlisted, lab::close_after_read()),
        served("close_after_hello_listed", "the same, from a service with an allow-list", unlisted,
               lab::close_after_read(), listed()),
        served("haproxy_no_servers", "HAProxy whose backend has no servers", "service_failing",
               haproxy_tcp("frontend f\n bind {a}:5432\n default_backend none\nbackend none\n")),
        served("haproxy_servers_down", "HAProxy whose only server refuses", "service_failing",
               haproxy_tcp("listen l\n bind {a}:5432\n retries 0\n server s {b}:5432\n")),
        served("reset_after_hello_plain", "RST at the first request in plain text (app = \"redis\")",
               unlisted, lab::reset_after_read(), plain("app = \"redis\"\n")),
    };
}

}  // namespace whylink::confounders
