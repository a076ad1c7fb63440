#include "daemon/run/service.hpp"

namespace whylink::daemon {

int run_daemon(const std::string&) {
    return 1;
}

}  // namespace whylink::daemon
