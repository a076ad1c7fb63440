#include "daemon/packets/flow_frames.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

namespace whylink::daemon {
namespace {

std::string_view kind_of(const probes::FlowKey& key) {
    constexpr std::uint16_t dns = 53;
    if (key.protocol == IPPROTO_UDP) {
        return "query over UDP";
    }
    return key.remote_port == dns ? "query over TCP" : "connection";
}

}  // namespace

probes::KeptFrames described_frames(probes::FollowedFlow& flow, std::string_view follow_up) {
    const probes::FlowKey& key = flow.key();
    const std::string address =
        key.remote.is_v4() ? key.remote.to_string() : "[" + key.remote.to_string() + "]";
    probes::KeptFrames frames = flow.take_frames();
    frames.describe(fmt::format("{}{}{} to {}:{}", follow_up.empty() ? "" : "follow-up test ", follow_up,
                                (follow_up.empty() ? "" : ": ") + std::string(kind_of(key)), address,
                                key.remote_port));
    return frames;
}

}  // namespace whylink::daemon
