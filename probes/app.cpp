#include "probes/app.hpp"

namespace whylink::probes {

asio::awaitable<AppResult> probe_app(AppProbe, StreamPtr stream, bool) {
    AppResult result;
    result.stream = std::move(stream);
    co_return result;
}

}  // namespace whylink::probes
