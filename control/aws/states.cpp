#include "control/aws/states.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/ascii.hpp"

namespace whylink::control {

namespace {

template <class Words>
auto state_of(const Words& words, std::string_view word) {
    using State = typename Words::value_type::second_type;
    const auto found = std::ranges::find(words, lower_case(word), &Words::value_type::first);
    return found == words.end() ? State::unknown : found->second;
}

constexpr std::array<std::pair<std::string_view, ConnectionState>, 9> connection_words{{
    {"pendingacceptance", ConnectionState::waiting},
    {"pending", ConnectionState::setting_up},
    {"available", ConnectionState::available},
    {"partial", ConnectionState::partial},
    {"rejected", ConnectionState::rejected},
    {"failed", ConnectionState::failed},
    {"expired", ConnectionState::expired},
    {"deleting", ConnectionState::deleting},
    {"deleted", ConnectionState::deleted},
}};

constexpr std::array<std::pair<std::string_view, TargetState>, 7> target_words{{
    {"initial", TargetState::initial},
    {"healthy", TargetState::healthy},
    {"unhealthy", TargetState::unhealthy},
    {"unhealthy.draining", TargetState::unhealthy},
    {"unused", TargetState::unused},
    {"draining", TargetState::draining},
    {"unavailable", TargetState::unavailable},
}};

}  // namespace

ConnectionState aws_connection_state(std::string_view word) {
    return state_of(connection_words, word);
}

TargetState aws_target_state(std::string_view word) {
    return state_of(target_words, word);
}

}  // namespace whylink::control
