// Any answer to /ping and to the native Hello; the first byte chooses.
#include "codec_stream.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    probes::AppRequest request;
    request.app = config::App::clickhouse;
    request.host = "abcd.westus3.privatelink.azure.clickhouse.cloud";
    request.tls = (data[0] & 1U) != 0;
    request.port = (data[0] & 2U) != 0 ? 9440 : 8443;
    const std::string stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    fuzz::check_codec(request, stream);
    return 0;
}
