// What must hold: where it does not, the fuzzer keeps the input.
#pragma once

#include <cstdlib>

namespace whylink::fuzz {

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace whylink::fuzz
