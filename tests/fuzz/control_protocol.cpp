// Any line is a message or refused; a message that was taken is written as a line that reads to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "control/protocol/json.hpp"

namespace {

using namespace whylink::control;

template <class Message, class Parse>
void check(std::string_view line, const Parse& parse) {
    const auto parsed = parse(line);
    const auto* message = std::get_if<Message>(&parsed);
    if (message == nullptr) {
        return;
    }
    const std::string written = to_line(*message);
    const auto again = parse(written);
    const auto* same = std::get_if<Message>(&again);
    if (same == nullptr || !(*same == *message) || written.find('\n') != std::string::npos) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string line(data, data + size);
    check<Request>(line, parse_request);
    check<Answer>(line, parse_answer);
    return 0;
}
