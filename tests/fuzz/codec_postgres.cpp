// Any answer to a login; an odd first byte wants TLS.
#include "codec_stream.hpp"

using namespace whylink;

namespace {

/// How the stream is cut matters only where TLS begins: what comes ahead of it is not trusted.
void check_in_pieces(const probes::AppRequest& request, std::string_view stream) {
    for (const std::size_t piece : {std::string_view::npos, std::size_t{1}}) {
        const fuzz::Outcome outcome = fuzz::speak(request, stream, piece);
        fuzz::require_fit(outcome.facts);
        fuzz::require(outcome.sent.size() <= 4096);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    probes::AppRequest request;
    request.app = config::App::postgres;
    request.tls = (data[0] & 1U) != 0;
    const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (request.tls) {
        check_in_pieces(request, stream);
    } else {
        fuzz::check_codec(request, stream);
    }
    return 0;
}
