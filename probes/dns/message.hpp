// Reads a DNS reply (RFC 1035 section 4) as bytes that anybody may have sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
    int rcode = 0;                   ///< the upper bits of EDNS included (RFC 6891 section 6.1.3)
    bool truncated = false;          ///< TC is set: nothing behind the question was read
    bool authoritative = false;      ///< AA is set
    bool without_recursion = false;  ///< RA is not set
    /// There is no record of the asked type, and the authority section names servers and no SOA (RFC 2308 section 2.2).
    bool referral = false;
    // As DnsQuery has them.
    std::vector<DnsAnswer> answers;
    unsigned answers_left_out = 0;
    std::vector<SrvTarget> targets;
    unsigned targets_left_out = 0;
    std::vector<std::string> cnames;
    unsigned cnames_left_out = 0;
    RecordCounts records;
    /// The SOA record of the authority section, where there is no record of the asked type (RFC 2308 section 2).
    std::optional<NegativeAuthority> authority;
    std::vector<ExtendedError> extended_errors;  ///< of the OPT record (RFC 8914)
};

/// Of one reply at most so many addresses, names of the CNAME chain, targets of SRV and extended errors are kept; of an
/// error's text so many bytes. Names longer than a name can be (escapes of odd bytes make them so) are cut, too.
inline constexpr std::size_t max_answers = 1024;
inline constexpr std::size_t max_cnames = 32;
inline constexpr std::size_t max_srv_targets = 32;
inline constexpr std::size_t max_extended_errors = 8;
inline constexpr std::size_t max_extra_text = 200;

/// Why a message is no reply to the question, for people.
struct BadReply {
    std::string reason;
};

/// Follows the CNAME chain from the question's name; records of other names are passed over. A chain that
/// loops, and addresses that only other names own, make a bad reply. A reply without a question is good only
/// if it carries an error: servers that could not read the query answer with a bare header. What is odd in the
/// authority and additional sections is passed over. Never throws but std::bad_alloc; reads nothing outside
/// `message`.
std::variant<DnsReply, BadReply> read_reply(std::span<const std::uint8_t> message,
                                            const DnsQuestion& question);

/// ns_t_a, ns_t_aaaa or ns_t_srv of <arpa/nameser.h>.
unsigned wire_type(RecordType type);

}  // namespace whylink::probes
