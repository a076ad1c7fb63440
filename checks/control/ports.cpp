#include "checks/control/ports.hpp"

#include <algorithm>
#include <array>

#include "config/ascii.hpp"

namespace whylink::control {

bool is_tcp(std::string_view protocol) {
    constexpr std::array<std::string_view, 5> words{"tcp", "6", "-1", "*", "all"};
    return std::ranges::find(words, lower_case(protocol)) != words.end();
}

}  // namespace whylink::control
