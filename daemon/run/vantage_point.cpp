#include "daemon/run/vantage_point.hpp"

#include <limits.h>
#include <unistd.h>

#include <array>

namespace whylink::daemon {

std::string vantage_point() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

}  // namespace whylink::daemon
