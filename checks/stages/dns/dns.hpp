// The dns stage: one name, asked of one resolver or looked up in the hosts file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checks/stages/stage.hpp"

namespace whylink::checks {

Classification classify(const probes::DnsFacts& facts, probes::Nanoseconds took,
                        const Expectation& expectation);
/// No stream of its own.
constexpr probes::StreamEnd stream_end(const probes::DnsFacts& /*facts*/) {
    return probes::StreamEnd::none;
}
bool forbidden_here(const probes::DnsFacts& facts);
FactSet facts_of(const probes::DnsFacts& dns, const JudgedProbe& probe, const probes::TlsFacts* handshake);
std::string evidence_line(const probes::DnsFacts& facts, const JudgedProbe& probe, const std::string& detail);

/// A name that was asked for, by a probe that counts.
struct CountedName {
    const JudgedProbe& probe;
    const probes::DnsFacts& facts;
};
std::vector<CountedName> counted_names(std::span<const JudgedProbe> probes);

/// An address came, and so late that whoever asks for it notices: a cache answers in milliseconds, and the first datagram
/// is sent again after a second.
bool is_slow_lookup(const JudgedProbe& probe);
/// Of one that resolved, by its time alone.
bool is_slow_lookup(const probes::Observation& observation);

bool is_same_resolver(const probes::DnsFacts& a, const probes::DnsFacts& b);
/// Some reply of the resolver arrived, whatever it said.
bool resolver_replied(const probes::DnsFacts& facts);
/// "10.0.0.2:53", or "the hosts file"
std::string resolver_text(const probes::DnsFacts& facts);

/// What a resolver says of a name, as far as it matters to the facts.
enum class Saying : std::uint8_t { nothing, right, public_space, unexpected, missing };
Saying saying_of(Outcome outcome);

}  // namespace whylink::checks
