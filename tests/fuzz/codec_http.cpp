// Any answer to GET. The first byte chooses among the requests that are judged differently.
#include "codec_stream.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    probes::AppRequest request;
    request.app = config::App::http;
    request.host = "orders.example";
    request.port = 443;
    request.tls = (data[0] & 1U) != 0;
    if ((data[0] & 2U) != 0) {
        request.http_status = {200, 404};
    }
    const std::string stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    fuzz::check_codec(request, stream);
    return 0;
}
