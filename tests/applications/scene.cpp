#include "scene.hpp"

namespace whylink::netns_test {

Row scene(const std::string& name, const std::string& why, std::vector<Daemon> daemons, const Asked& asked,
          Expected expected) {
    return {.name = name,
            .why = why,
            .resolvers = {{"{dns}", "db.corp.test A {a}"}},
            .daemons = std::move(daemons),
            .config =
                "[defaults]\nresolvers = [\"{dns}\"]\n[[endpoint]]\nname = \"t\"\nhost = \"db.corp.test\"\n"
                "expect = [\"{a}\"]\nport = " +
                std::to_string(asked.port) + "\napp = \"" + asked.app + "\"\n" +
                (asked.tls.empty() ? "tls = false\n" : "") + asked.more + asked.tls,
            .expected = std::move(expected)};
}

Expected reached() {
    return {.at_least = "high", .probes = {{"app", "{a}", "ok"}}};
}

Expected told(const std::string& outcome, const std::string& cause, const std::string& words) {
    return {.cause = cause, .at_least = "high", .probes = {{"app", "{a}", outcome}}, .evidence = {words}};
}

Daemon once_up(const std::string& work) {
    return {.argv = {"sh", "-c",
                     "{ " + work +
                         "; } | { while read -r line && [ \"$line\" != up ]; do :; done; exec python3 -c "
                         "'import socket, signal; s = socket.create_server((\"{a}\", " +
                         std::to_string(marker) + ")); signal.pause()'; }"},
            .files = {},
            .ready_address = "{a}",
            .ready_port = marker};
}

}  // namespace whylink::netns_test
