#include "checks/stages/packets/delivery.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

/// What a stage that sends something knows of it.
struct Sending {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool ended = false;  ///< by the peer, or by whoever speaks for it
    std::optional<probes::Delivery> delivery;
};

template <class F>
Sending sending_of(const F& facts) {
    return {facts.bytes_sent, facts.bytes_received, facts.end != probes::StreamEnd::none || facts.error != 0,
            facts.delivery};
}

std::optional<Sending> sending_of(const JudgedProbe& probe) {
    if (const auto* tls = probe.tls()) {
        return sending_of(*tls);
    }
    const auto* app = probe.app();
    return app == nullptr ? std::nullopt : std::optional(sending_of(*app));
}

/// Once may be one packet that was lost.
bool is_unanswered(const Sending& sending) {
    constexpr unsigned often = 2;
    return sending.received == 0 && sending.delivery && sending.delivery->unacknowledged > 0 &&
           sending.delivery->retransmits >= often;
}

/// All of it is queued here, and nothing is in flight.
bool is_queued(const Sending& sending) {
    return sending.sent > 0 && sending.received == 0 && sending.delivery &&
           sending.delivery->acknowledged == 0 && sending.delivery->unacknowledged == 0;
}

/// The peer would take it: what the kernel hands to its own rules and gets back stays queued, too.
bool is_kept_here(const Sending& sending) {
    return is_queued(sending) && sending.delivery->window.value_or(0) >= sending.sent;
}

bool is_held_back(const Sending& sending) {
    return is_queued(sending) && !is_kept_here(sending);
}

std::string held_back_text(const Sending& sending) {
    if (!is_queued(sending)) {
        return {};
    }
    return fmt::format(", 0 of {} B sent: {}", sending.sent,
                       is_kept_here(sending) ? "this host drops its own packets" : "the peer's window is 0");
}

}  // namespace

bool nothing_arrived(const JudgedProbe& probe) {
    const auto sending = sending_of(probe);
    return sending && is_unanswered(*sending) && sending->delivery->acknowledged == 0;
}

bool partly_arrived(const JudgedProbe& probe) {
    // A PROXY header is shorter (at most 536 bytes in version 1 and 2 without further fields).
    constexpr std::uint64_t beyond_a_header = 536;
    const auto sending = sending_of(probe);
    const auto* tls = probe.tls();
    return tls != nullptr && tls->progress == probes::TlsProgress::client_hello_sent &&
           is_unanswered(*sending) && sending->delivery->acknowledged > beyond_a_header;
}

bool has_arrived(const JudgedProbe& probe) {
    const auto sending = sending_of(probe);
    if (!sending) {
        return false;
    }
    const bool acknowledged = sending->delivery && sending->delivery->acknowledged > 0;
    return sending->received > 0 || sending->ended || acknowledged;
}

bool has_all_arrived(const JudgedProbe& probe) {
    const auto sending = sending_of(probe);
    return sending && sending->sent > 0 && sending->delivery &&
           sending->delivery->acknowledged >= sending->sent;
}

bool nothing_left(const JudgedProbe& probe) {
    const auto sending = sending_of(probe);
    return sending && is_held_back(*sending);
}

bool is_kept_here(const JudgedProbe& probe) {
    const auto sending = sending_of(probe);
    return sending && is_kept_here(*sending);
}

std::string held_back_text(const probes::TlsFacts& facts) {
    return held_back_text(sending_of(facts));
}

std::string held_back_text(const probes::AppFacts& facts) {
    return held_back_text(sending_of(facts));
}

}  // namespace whylink::checks
