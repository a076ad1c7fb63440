// What holds for every codec whatever a server says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "config/outside_text.hpp"
#include "probes/app/codecs/codec.hpp"
#include "require.hpp"

namespace whylink::fuzz {

/// Bounded, and nothing in it that a terminal or a log minds.
inline void require_fit(const probes::AppFacts& facts) {
    constexpr std::size_t max_text = 200;
    constexpr std::size_t for_mark = 40;
    for (const std::string& text : {facts.said, facts.server}) {
        require(text.size() <= max_text + for_mark);
        require(text == printable(text));
    }
}

struct Outcome {
    probes::AppFacts facts;
    std::string sent;
    probes::Codec::Next next = probes::Codec::Next::read;
};

/// Feeds `stream` until the codec wants no more of it, in pieces. Returns how much was fed.
inline std::size_t feed(probes::Codec& codec, Outcome& outcome, std::string_view stream, std::size_t piece) {
    std::size_t taken = 0;
    while (outcome.next == probes::Codec::Next::read && taken < stream.size()) {
        require(taken <= probes::Codec::max_bytes);
        // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
        const std::string part(stream.substr(taken, piece));
        taken += part.size();
        outcome.next = codec.received(part, outcome.sent);
    }
    return taken;
}

/// What comes over TLS is given, or is what `stream` has left: then it depends on how that is cut, for what a
/// probe has read in plain text beyond the point where TLS begins is lost.
inline Outcome speak(const probes::AppRequest& request, std::string_view stream, std::size_t piece,
                     std::optional<std::string_view> over_tls = {}) {
    using Next = probes::Codec::Next;
    Outcome outcome;
    const auto codec = probes::make_codec(request);
    outcome.next = codec->start(outcome.sent);
    const std::size_t taken = feed(*codec, outcome, stream, piece);
    if (outcome.next == Next::start_tls) {
        outcome.next = codec->tls_started(outcome.sent);
        feed(*codec, outcome, over_tls.value_or(stream.substr(taken)), piece);
        require(outcome.next != Next::start_tls);
    }
    if (outcome.next == Next::read) {
        codec->ended();
    }
    codec->report(outcome.facts);
    return outcome;
}

/// Told apart by everything that a codec reports.
inline auto told(const Outcome& outcome) {
    const auto& facts = outcome.facts;
    return std::tie(outcome.sent, outcome.next, facts.protocol, facts.reply, facts.said, facts.status,
                    facts.server);
}

/// One outcome however the streams are cut, within the bounds that AppFacts gives.
inline void check_codec(const probes::AppRequest& request, std::string_view stream,
                        std::string_view over_tls = {}) {
    const Outcome whole = speak(request, stream, std::string_view::npos, over_tls);
    require(told(speak(request, stream, 1, over_tls)) == told(whole));
    require(!whole.facts.protocol.empty());
    require_fit(whole.facts);
    require(whole.sent.size() <= 4096);
}

}  // namespace whylink::fuzz
