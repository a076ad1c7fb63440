// What holds for every codec whatever a server says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

#include "probes/codec/codec.hpp"

namespace whylink::fuzz {

inline void require(bool holds) {
    if (!holds)
        std::abort();
}

struct Outcome {
    probes::AppFacts facts;
    std::string sent;
    probes::Codec::Next next = probes::Codec::Next::read;
};

/// TLS is there as soon as the codec asks for it, with the rest of the stream over it.
inline void go_on(probes::Codec& codec, Outcome& outcome) {
    using Next = probes::Codec::Next;
    for (int times = 0; outcome.next == Next::start_tls; ++times) {
        require(times == 0);
        outcome.next = codec.tls_started(outcome.sent);
    }
}

inline Outcome speak(const probes::AppRequest& request, std::string_view stream, std::size_t piece) {
    using Next = probes::Codec::Next;
    Outcome outcome;
    const auto codec = probes::make_codec(request);
    outcome.next = codec->start(outcome.sent);
    go_on(*codec, outcome);
    std::size_t taken = 0;
    while (outcome.next == Next::read && taken < stream.size()) {
        require(taken <= probes::Codec::most_bytes);
        // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
        const std::string part(stream.substr(taken, piece));
        taken += part.size();
        outcome.next = codec->received(part, outcome.sent);
        go_on(*codec, outcome);
    }
    if (outcome.next == Next::read)
        codec->ended();
    codec->report(outcome.facts);
    return outcome;
}

/// Told apart by everything that a codec reports.
inline auto told(const Outcome& outcome) {
    const auto& facts = outcome.facts;
    return std::tie(outcome.sent, outcome.next, facts.protocol, facts.reply, facts.said, facts.status,
                    facts.server);
}

/// One outcome however the stream is cut, within the bounds that AppFacts gives.
inline void check_codec(const probes::AppRequest& request, std::string_view stream) {
    const Outcome whole = speak(request, stream, std::string_view::npos);
    require(told(speak(request, stream, 1)) == told(whole));
    require(!whole.facts.protocol.empty());
    require(whole.facts.said.size() <= 200);
    require(whole.facts.server.size() <= 200);
    require(whole.sent.size() <= 4096);
}

}  // namespace whylink::fuzz
