// The packets stage of a watch: how real connections fared within a window.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::TrafficFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
/// No stream of its own.
constexpr probes::StreamEnd stream_end(const probes::TrafficFacts& /*facts*/) {
    return probes::StreamEnd::none;
}
/// Nothing is sent.
constexpr bool forbidden_here(const probes::TrafficFacts& /*facts*/) {
    return false;
}
FactSet facts_of(const probes::TrafficFacts& traffic, const JudgedProbe& probe,
                 const probes::TlsFacts* handshake);
std::string evidence_line(const probes::TrafficFacts& facts, const JudgedProbe& probe,
                          const std::string& detail);

/// What was seen by peer and as a whole, beside the line of the stage.
std::vector<std::string> traffic_lines(const probes::TrafficFacts& facts);

/// The facts of the watched traffic, null when there are none or they could not be had.
const probes::TrafficFacts* traffic_facts(std::span<const JudgedProbe> probes);

}  // namespace whylink::checks
