#include "probes/stream.hpp"

namespace whylink::probes {

StreamPtr plain_stream(asio::ip::tcp::socket) {
    return nullptr;
}

}  // namespace whylink::probes
