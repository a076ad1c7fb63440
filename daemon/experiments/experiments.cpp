#include "daemon/experiments/experiments.hpp"

namespace whylink::daemon {

asio::awaitable<void> experiment(ExperimentRound, Measured&) {
    co_return;
}

}  // namespace whylink::daemon
