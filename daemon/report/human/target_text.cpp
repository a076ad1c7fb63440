#include "daemon/report/human/target_text.hpp"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "config/profiles.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

std::string host_and_port(const config::Endpoint& endpoint) {
    return endpoint.address ? endpoint_text(*endpoint.address, endpoint.port)
                            : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string peers_of(const config::Watch& watch) {
    if (watch.peer.empty()) {
        return {};
    }
    return (watch.direction == config::Direction::inbound ? "  from " : "  at ") +
           abridged({watch.peer.front().to_string()}, 1, watch.peer.size() - 1);
}

/// `diagnose` and `zone` name a target by what was given to them.
TargetText named(const std::string& name, std::string what, bool configured) {
    return {name, name == what ? std::string() : std::move(what), configured};
}

TargetText text(const config::Endpoint& endpoint) {
    std::string what = host_and_port(endpoint);
    const bool by_itself = endpoint.name == what || endpoint.name == endpoint.host ||
                           endpoint.name.starts_with(endpoint.host + ":");
    return named(endpoint.name, std::move(what), !by_itself);
}

TargetText text(const config::Zone& zone) {
    return named(zone.name, "*." + zone.zone, zone.name != zone.zone && zone.name != "*." + zone.zone);
}

TargetText text(const config::Watch& watch) {
    return {watch.name, watch_text(watch) + peers_of(watch)};
}

}  // namespace

TargetText text_of(const config::Target& target) {
    return std::visit([](const auto& what) { return text(what); }, target.what());
}

std::string service_of(const config::Target& target) {
    const config::Profile* profile = config::profile_of(target);
    if (profile == nullptr || !config::is_of_a_service(*profile)) {
        return {};
    }
    const std::string_view title = profile->title;
    return std::string(title.substr(0, title.find(" over ")));
}

}  // namespace whylink::daemon
