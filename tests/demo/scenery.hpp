// What the demo shows: endpoints and zones, how each is broken, and what whylink is to say about it.
#pragma once

#include <string>
#include <vector>

#include "support/stream_server.hpp"
#include "support/test_ca.hpp"

namespace whylink::demo {

struct Scene {
    std::string name;    ///< in the config
    std::string config;  ///< its [[endpoint]] or [[zone]] table, without the name
    std::string zone;    ///< what the resolver knows of it
    struct Server {
        std::string address;
        std::uint16_t port;
        lab::StreamBehaviour behaviour;
    };
    std::vector<Server> servers = {};
    std::string firewall = {};  ///< an nftables rule of the router
    std::string outage = {};    ///< one that the router has for a while, again and again, in the running demo
    std::string cause;          ///< the intended diagnosis, while there is no outage
};

/// Certificates come from `ca`. One of them has an outage.
std::vector<Scene> scenes(lab::TestCa& ca);

/// The resolver that knows all names.
inline constexpr const char* resolver_address = "10.0.0.2";

/// All scenes as one config without its [daemon], asking the resolver above and trusting the CA in `ca_file`.
std::string config_text(const std::vector<Scene>& scenes, const std::string& ca_file);

}  // namespace whylink::demo
