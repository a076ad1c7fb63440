// Reads arbitrary bytes as a reply to one question. The id is taken from the message, so that the fuzzer does
// not have to guess it.
#include "probes/dns/message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "config/outside_text.hpp"

using namespace whylink::probes;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr std::size_t for_mark = 40;

void check(const DnsReply& reply, std::size_t message_size, RecordType type) {
    // The smallest record is the root as its owner, ten bytes of header and an address of four.
    require(reply.answers.size() <= std::min(message_size / 15, max_answers));
    require(reply.cnames.size() <= max_cnames);
    require(!reply.truncated || (reply.answers.empty() && reply.cnames.empty()));
    require(reply.rcode >= 0 && reply.rcode < 4096);
    for (const auto& answer : reply.answers) {
        require(answer.address.is_v4() == (type == RecordType::a));
        require(answer.ttl <= 0x7fffffffU);
    }
    for (const auto& error : reply.extended_errors) {
        require(error.text == whylink::printable(error.text) &&
                error.text.size() <= max_extra_text + for_mark);
    }
    for (const auto& name : reply.cnames) {
        require(name == whylink::printable(name) && name.size() <= whylink::max_outside_text + for_mark);
        if (whylink::is_cut(name)) {
            continue;
        }
        require(name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
    const std::vector<std::uint8_t> message(data, data + size);
    for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
        DnsQuestion question{.id = 0, .name = "db.example", .type = type};
        if (size >= 2) {
            question.id = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
        }
        const auto read = read_reply(message, question);
        if (const auto* bad = std::get_if<BadReply>(&read)) {
            require(!bad->reason.empty() && bad->reason.size() <= whylink::max_outside_text + for_mark);
        } else {
            check(std::get<DnsReply>(read), size, type);
        }
    }
    return 0;
}
