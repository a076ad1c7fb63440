// Any answers to a script, with TLS in the middle, around everything, or not at all; the first byte chooses,
// and a zero byte ends what is said in plain text.
#include "codec_stream.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    probes::AppRequest request;
    request.app = config::App::expect;
    request.host = "mail.example";
    request.port = 25;
    request.tls = (data[0] & 1U) != 0;
    request.script = {{"", "^220 ", false},
                      {"EHLO a\r\n", "250 ", false},
                      {"STARTTLS\r\n", "^220", (data[0] & 2U) != 0},
                      {"EHLO a\r\n", "250 ", false},
                      {"QUIT\r\n", "", false}};
    const std::string stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto end = stream.find('\0');
    fuzz::check_codec(request, stream.substr(0, end), end == std::string::npos ? "" : stream.substr(end + 1));
    return 0;
}
