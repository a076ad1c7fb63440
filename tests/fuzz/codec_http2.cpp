// Any answer to a request in HTTP/2.
#include "codec_stream.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    probes::AppRequest request;
    request.app = config::App::http;
    request.host = "orders.example";
    request.http2 = true;
    fuzz::check_codec(request, {reinterpret_cast<const char*>(data), size});
    return 0;
}
