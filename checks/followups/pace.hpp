// When a follow-up test is made.
#pragma once

#include <cstdint>

namespace whylink::checks {

/// A one-shot command makes it each time that the round is of that kind.
enum class Pace : std::uint8_t {
    failing,        ///< of rounds that fail: at a new or changed failure, then once in ten rounds
    passing,        ///< of rounds that pass: at a new or changed picture, then once in ten rounds
    passing_daily,  ///< likewise, then once a day; once in ten rounds while it finds something
    every_round,    ///< of rounds that pass, where the config asks for it
};

}  // namespace whylink::checks
