#include "daemon/watch/rtt_samples.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <variant>

namespace whylink::daemon {
namespace {

using Seconds = std::chrono::duration<float>;

std::optional<Seconds> rtt_of(const checks::JudgedProbe& probe) {
    const probes::Observation& observation = probe.observation;
    if (observation.local || !probe.counts) {
        return std::nullopt;
    }
    if (const auto* traffic = get_if<probes::TrafficFacts>(&observation.facts)) {
        return traffic->handshakes_measured == 0
                   ? std::nullopt
                   : std::optional<Seconds>(Seconds(traffic->handshake_rtt_sum) /
                                            static_cast<float>(traffic->handshakes_measured));
    }
    const auto* tcp = probe.tcp();
    if (tcp == nullptr || !tcp->connected) {
        return std::nullopt;
    }
    // The probe may go on after the handshake (`settle`), and the kernel has no estimate of a SYN that was sent again.
    const bool estimated = tcp->info && tcp->info->rtt.count() > 0;
    return estimated ? Seconds(tcp->info->rtt) : Seconds(observation.took);
}

std::optional<Seconds> reply_of(const checks::JudgedProbe& probe) {
    const bool answered = probe.dns() != nullptr && probe.counts && checks::passes(probe.outcome);
    return answered ? std::optional<Seconds>(probe.observation.took) : std::nullopt;
}

}  // namespace

void RttSamples::add(config::TargetKind kind, const checks::Verdict& verdict) {
    const bool zone = kind == config::TargetKind::zone;
    std::optional<Seconds> slowest;
    for (const checks::JudgedProbe& probe : verdict.probes) {
        slowest = std::max(slowest, zone ? reply_of(probe) : rtt_of(probe));
    }
    seconds_[next_] = slowest ? slowest->count() : std::numeric_limits<float>::quiet_NaN();
    next_ = static_cast<std::uint8_t>((next_ + 1U) % max_samples);
    count_ = static_cast<std::uint8_t>(std::min<std::size_t>(count_ + 1U, max_samples));
}

}  // namespace whylink::daemon
