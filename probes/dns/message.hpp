// Reads a DNS reply (RFC 1035 section 4) as bytes that anybody may have sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "probes/observation.hpp"

namespace whylink::probes {

/// What was asked, as far as a reply must repeat it.
struct DnsQuestion {
    std::uint16_t id = 0;
    std::string name;  ///< canonical
    RecordType type = RecordType::a;
};

/// A well-formed reply to the question.
struct DnsReply {
    int rcode = 0;                    ///< the upper bits of EDNS included (RFC 6891 section 6.1.3)
    bool truncated = false;           ///< TC is set: nothing behind the question was read
    std::vector<DnsAnswer> answers;   ///< of the asked type, at the end of the CNAME chain
    std::vector<std::string> cnames;  ///< the chain's targets, in order, canonical names
};

/// Why a message is no reply to the question, for people.
struct BadReply {
    std::string reason;
};

/// Follows the CNAME chain from the question's name; records of other names are passed over. A chain that
/// loops, and addresses that only other names own, make a bad reply. A reply without a question is good only
/// if it carries an error: servers that could not read the query answer with a bare header. Never throws but
/// std::bad_alloc; reads nothing outside `message`.
std::variant<DnsReply, BadReply> read_reply(std::span<const std::uint8_t> message,
                                            const DnsQuestion& question);

/// "A", "AAAA"
unsigned wire_type(RecordType type);

}  // namespace whylink::probes
