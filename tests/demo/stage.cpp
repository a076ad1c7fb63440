#include "stage.hpp"

#include <utility>

#include "support/dns_server.hpp"
#include "support/sandbox.hpp"

namespace whylink::demo {

Stage::Stage(const std::vector<Scene>& scenes) {
    std::string firewall;
    std::string names;
    for (const Scene& scene : scenes) {
        firewall += scene.firewall + "\n";
        names += scene.zone + "\n";
        for (const auto& server : scene.servers) {
            lab::start_stream_server(loop_, {&topology_.server, lab::address_of(server.address), server.port},
                                     server.behaviour);
        }
    }
    topology_.router.nft("table inet demo {\nchain forward {\ntype filter hook forward priority 0;\n" +
                         firewall + "}\n}\n");
    lab::start_dns_server(loop_, {&topology_.server, lab::address_of(resolver_address), 53},
                          lab::DnsZone::parse(names));
}

lab::Completed Stage::whylink(std::vector<std::string> arguments, bool show) const {
    lab::Command command;
    command.argv = std::move(arguments);
    command.argv.insert(command.argv.begin(), WHYLINK_PROGRAM);
    command.netns = topology_.client.fd();
    command.inherit_output = show;
    command.environment.emplace("STATE_DIRECTORY", lab::scratch_directory());
    return lab::run(command);
}

}  // namespace whylink::demo
