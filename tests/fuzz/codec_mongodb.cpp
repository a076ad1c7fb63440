// Any answer to `hello`.
#include "codec_stream.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    probes::AppRequest request;
    request.app = config::App::mongodb;
    fuzz::check_codec(request, {reinterpret_cast<const char*>(data), size});
    return 0;
}
