// What takes the connection on this host in place of the endpoint.
#include <string>
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

const std::vector<std::string> without_capture{"setpriv", "--bounding-set", "-net_raw", "--inh-caps",
                                               "-net_raw"};

/// {a} port 5432 is redirected to `port` of this host, where `proxy` listens; the endpoint itself is good.
Confounder redirected(const std::string& name, const std::string& why, std::uint16_t port,
                      lab::StreamBehaviour proxy) {
    Confounder made = served(name, why, "local_interception", lab::speaks(certificates().service("good")));
    made.row.own_servers = {{.address = "0.0.0.0", .port = port, .behaviour = std::move(proxy)}};
    made.row.client_rules = "nat_output ip daddr {a} tcp dport 5432 redirect to :" + std::to_string(port);
    return made;
}

Confounder without_packets(Confounder made, std::uint16_t port) {
    made.row.name += "_not_captured";
    made.row.why += ", without capture";
    made.row.under = without_capture;
    for (auto& server : made.row.own_servers) {
        server.port = port;
        made.row.client_rules = "nat_output ip daddr {a} tcp dport 5432 redirect to :" + std::to_string(port);
    }
    return made;
}

Confounder translated() {
    Confounder made = served("translated", "a DNAT rule of this host leads to a server that resets",
                             "local_interception", lab::speaks(certificates().service("good")));
    made.row.servers.push_back({.address = "{b}", .port = 5432, .behaviour = lab::reset_after_read()});
    made.row.client_rules = "nat_output ip daddr {a} dnat ip to {b}";
    return made;
}

}  // namespace

/// One that resets as soon as it has accepted is in the table of the field: whether connect() returns before that is
/// chance, and the page would show it.
std::vector<Confounder> interceptions() {
    const Confounder resets = redirected("redirect_resets", "a sidecar of this host accepts and resets",
                                         15301, lab::reset_after_read());
    const Confounder silent =
        redirected("redirect_silent", "a proxy of this host accepts and stays silent", 15303, lab::silent());
    const Confounder certificate =
        redirected("redirect_certificate", "a proxy of this host completes TLS with a certificate of its own",
                   15304, lab::speaks(certificates().service("unknown_ca")));
    return {
        resets,
        silent,
        certificate,
        translated(),
        without_packets(translated(), 0),
        without_packets(resets, 15311),
        without_packets(silent, 15313),
        without_packets(certificate, 15314),
    };
}

}  // namespace whylink::confounders
