#include "probes/loop_time.hpp"

#include <utility>

namespace whylink::probes {
namespace {

constexpr std::chrono::milliseconds worth_a_name{10};

thread_local LongPiece longest;

}  // namespace

bool is_longest_piece(std::chrono::nanoseconds took) {
    return took >= worth_a_name && took > longest.took;
}

void note_longest_piece(std::chrono::nanoseconds took, std::string what) {
    longest = {took, std::move(what)};
}

LongPiece take_longest_piece() {
    return std::exchange(longest, {});
}

}  // namespace whylink::probes
