// What stays silent: at TCP, or after it.
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

// Long enough for segments to be sent again, whatever the machine does.
std::string patient(std::string config) {
    const std::string impatient = "timeout = \"900ms\"";
    return config.replace(config.find(impatient), impatient.size(), "timeout = \"3s\"");
}

constexpr const char* swallowed = "icmp type destination-unreachable icmp code frag-needed drop";

// Some 4 KB on the wire, of which the last segment is small.
lab::StreamBehaviour long_chain() {
    lab::TlsService service = certificates().service("good");
    for (const char* identity : {"expired", "other_name", "unknown_ca"}) {
        service.certificate += certificates().service(identity).certificate;
    }
    return lab::speaks(service);
}

Confounder hole_to_client() {
    Confounder made = served("mtu_to_client", "a path-MTU hole: the server's large segments are lost",
                             "path_mtu_black_hole", long_chain(), patient(secure()));
    made.row.router_ip =
        "rule add from {a} lookup {table}\n"
        "route add 10.77.0.0/24 dev client0 mtu lock 1000 table {table}\n";
    made.row.router_rules = std::string("output ip daddr {a} ") + swallowed;
    made.row.server_ip =
        "rule add from {a} lookup {table}\n"
        "route add default via 10.99.0.1 table {table}\n";
    return made;
}

// A ClientHello beyond 1000 bytes: seven protocol names of 200 bytes.
std::string long_hello() {
    std::string names;
    for (char letter = 'a'; letter <= 'g'; ++letter) {
        names += (names.empty() ? "\"" : ", \"") + std::string(200, letter) + "\"";
    }
    return "alpn = [" + names + "]\n";
}

Confounder hole_to_server() {
    Confounder made =
        served("mtu_to_server", "a path-MTU hole: the large ClientHello is lost", "path_mtu_black_hole",
               lab::speaks(certificates().service("good")), patient(secure("", long_hello())));
    made.row.router_ip = "route add {a}/32 via 10.99.0.2 mtu lock 1000";
    made.row.router_rules = "output ip daddr 10.77.0.2 ip saddr 10.77.0.1 " + std::string(swallowed);
    return made;
}

Confounder dropped(const std::string& name, const std::string& why, std::string config,
                   const std::string& rule) {
    Confounder made =
        served(name, why, "syn_unanswered", lab::speaks(certificates().service("good")), std::move(config));
    made.row.router_rules = rule;
    return made;
}

}  // namespace

std::vector<Confounder> silences() {
    lab::TlsService tls = certificates().service("good");
    Confounder one_port =
        dropped("one_port_dropped", "one port closed by a drop rule, another of the profile open", listed(),
                "forward ip daddr {a} tcp dport 9440 drop");
    one_port.row.servers.push_back({.address = "{a}", .port = 8443, .behaviour = lab::speaks(tls)});
    Confounder moved = dropped("moved", "of two expected addresses DNS gives one, and this one is dropped",
                               secure(), "forward ip daddr {b} drop");
    moved.row.resolvers = {{"{dns}", host + " A {b}"}};
    const auto expect = moved.row.config.find("[\"{a}\"]");
    moved.row.config.replace(expect, std::string("[\"{a}\"]").size(), "[\"{a}\", \"{b}\"]");
    Confounder own_rule = dropped("own_rule", "a rule of this host drops the SYN", secure(), "");
    own_rule.truth = "local_firewall";
    own_rule.row.client_rules = "output ip daddr {a} drop";
    return {
        served("silent", "accepts, and says nothing", "backend_silent", lab::silent()),
        served("silent_known", "the same, and the application is known (app = \"redis\")", "backend_silent",
               lab::silent(), secure("app = \"redis\"\n")),
        served("silent_plain", "the same without TLS (app = \"redis\")", "backend_silent", lab::silent(),
               plain("app = \"redis\"\n")),
        served("silent_after_hello", "silent after the ServerHello", "backend_silent",
               lab::stops_in_handshake(tls, 1, lab::Ending::hold)),
        hole_to_client(),
        hole_to_server(),
        one_port,
        dropped("address_dropped", "the whole address dropped, or pending", listed(),
                "forward ip daddr {a} drop"),
        dropped("address_dropped_no_profile", "the same without a profile", secure(),
                "forward ip daddr {a} drop"),
        moved,
        own_rule,
    };
}

}  // namespace whylink::confounders
