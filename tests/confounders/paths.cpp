// What the path does with packets: sends them back, answers past the load balancer, or drops them by what they carry.
#include <utility>

#include "confounder.hpp"
#include "hello_rules.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

// Long enough for segments to be sent again, whatever the machine does.
std::string patient(std::string config) {
    const std::string impatient = "timeout = \"900ms\"";
    return config.replace(config.find(impatient), impatient.size(), "timeout = \"3s\"");
}

Confounder on_path(const std::string& name, const std::string& why, const std::string& truth,
                   std::string config, const std::string& rule) {
    Confounder made =
        served(name, why, truth, lab::speaks(certificates().service("good")), std::move(config));
    made.row.router_rules = rule;
    return made;
}

// A ClientHello of two packets: nine protocol names of 200 bytes.
std::string two_packets() {
    std::string names;
    for (char letter = 'a'; letter <= 'i'; ++letter) {
        names += (names.empty() ? "\"" : ", \"") + std::string(200, letter) + "\"";
    }
    return "alpn = [" + names + "]\n";
}

}  // namespace

std::vector<Confounder> paths() {
    const std::string to_server = "forward ip daddr {a} tcp dport 5432 ";
    return {
        on_path("hairpin", "a load balancer that keeps client addresses picks the client as its target",
                "syn_unanswered", secure(),
                "prerouting iifname client0 ip daddr {a} tcp dport 5432 ip daddr set 10.77.0.2"),
        on_path("answer_from_elsewhere", "the SYN-ACK comes from the target, past the load balancer",
                "syn_unanswered", secure(), "forward ip saddr {a} tcp sport 5432 ip saddr set {b}"),
        on_path("dropped_by_name", "a middlebox drops the packet with this server name", "filtered_in_path",
                patient(secure()), to_server + netns_test::has_server_name(host) + "drop"),
        on_path("dropped_by_size", "a middlebox drops a ClientHello that does not fit one packet",
                "filtered_in_path", patient(secure("", two_packets())),
                to_server + netns_test::begins_record_over(1400) + "drop"),
        on_path("data_dropped", "a middlebox passes the TCP handshake and no data", "filtered_in_path",
                patient(secure()), to_server + "meta length > 100 drop"),
    };
}

}  // namespace whylink::confounders
