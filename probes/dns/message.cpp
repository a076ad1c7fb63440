#include "probes/dns/message.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "config/dns_name.hpp"
#include "probes/packets/read_bytes.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t header_size = NS_HFIXEDSZ;

std::string hex_16(std::uint16_t value) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%04x", value);
    return text.data();
}

struct Header {
    std::uint16_t id;
    bool response;
    int opcode;
    bool truncated;
    int rcode;
    std::uint16_t questions;
};

Header read_header(ByteSpan message) {
    return {.id = read_16(message, 0),
            .response = (message[2] & 0x80) != 0,
            .opcode = message[2] >> 3 & 0xf,
            .truncated = (message[2] & 0x02) != 0,
            .rcode = message[3] & 0xf,
            .questions = read_16(message, 4)};
}

/// What is wrong with the name at `at`, which ns_name_uncompress(3) has refused: it says EMSGSIZE for
/// everything.
std::string name_fault(ByteSpan message, std::size_t at) {
    // RFC 1035 4.1.4: a pointer goes to a prior occurrence, so each must lead further back than the last.
    std::size_t lowest = at;
    while (at < message.size()) {
        const unsigned length = message[at];
        if (length == 0) {
            return "a name of more than 255 bytes";
        }
        if ((length & NS_CMPRSFLGS) == NS_CMPRSFLGS) {
            if (at + 1 >= message.size()) {
                break;
            }
            const std::size_t target = read_16(message, at) & 0x3fffU;
            if (target >= message.size()) {
                break;
            }
            if (target >= lowest) {
                return "a compression loop";
            }
            lowest = at = target;
        } else if ((length & NS_CMPRSFLGS) != 0) {
            return "a label of an unknown kind";
        } else {
            at += 1 + length;
        }
    }
    return "a name that runs past the end";
}

struct Name {
    std::string canonical;
    std::size_t size;  ///< in the message
};

std::optional<Name> read_name(ByteSpan message, std::size_t at) {
    std::array<char, NS_MAXDNAME> text{};
    if (at >= message.size()) {
        return std::nullopt;
    }
    const int size = ns_name_uncompress(message.data(), message.data() + message.size(), message.data() + at,
                                        text.data(), text.size());
    if (size < 0) {
        return std::nullopt;
    }
    return Name{canonical_name(text.data()), static_cast<std::size_t>(size)};
}

std::string type_text(unsigned type) {
    for (const Term<RecordType>& known : terms_of<RecordType>) {
        if (wire_type(known.value) == type) {
            return std::string(known.slug);
        }
    }
    return "type " + std::to_string(type);
}

/// What keeps the message from being about our question, or nothing.
Fault question_fault(ByteSpan message, const DnsQuestion& question) {
    const auto name = read_name(message, header_size);
    if (!name) {
        return name_fault(message, header_size) + " in the question";
    }
    const std::size_t type_at = header_size + name->size;
    if (type_at + NS_QFIXEDSZ > message.size()) {
        return "the question is cut short";
    }
    const unsigned type = read_16(message, type_at);
    const unsigned asked = wire_type(question.type);
    if (name->canonical != question.name || type != asked || read_16(message, type_at + 2) != ns_c_in) {
        return "question " + name->canonical + ". " + type_text(type) + " instead of " + question.name +
               ". " + type_text(asked);
    }
    return std::nullopt;
}

/// The records of a reply that matter here.
struct Records {
    std::multimap<std::string, DnsAnswer> addresses;  ///< of the asked type, by owner
    std::map<std::string, std::string> cnames;        ///< owner to target
    int extended_rcode = 0;                           ///< upper eight bits
};

/// Of a record of the type `asked`; nothing when it has not the size of such an address.
std::optional<DnsAnswer> read_address(const ns_rr& record, RecordType asked) {
    // RFC 2181 section 8: a TTL with the top bit set counts as zero.
    const std::uint32_t ttl = ns_rr_ttl(record) > 0x7fffffffU ? 0 : ns_rr_ttl(record);
    const auto address = IpAddress::from_bytes({ns_rr_rdata(record), record.rdlength});
    if (!address || address->is_v4() != (asked == RecordType::a)) {
        return std::nullopt;
    }
    return DnsAnswer{*address, ttl};
}

/// Takes one record of the answer section; gives what is wrong with it.
Fault take_answer(ByteSpan message, const ns_rr& record, RecordType asked, Records& records) {
    if (ns_rr_class(record) != ns_c_in) {
        return std::nullopt;
    }
    if (ns_rr_type(record) == ns_t_cname) {
        const auto at = static_cast<std::size_t>(ns_rr_rdata(record) - message.data());
        const auto target = read_name(message, at);
        if (!target || target->size > ns_rr_rdlen(record)) {
            return (target ? "a name that runs past its record" : name_fault(message, at)) +
                   " in a CNAME record";
        }
        records.cnames.try_emplace(canonical_name(ns_rr_name(record)), target->canonical);
    } else if (ns_rr_type(record) == wire_type(asked)) {
        const auto address = read_address(record, asked);
        if (!address) {
            return "an " + type_text(ns_rr_type(record)) + " record of " +
                   std::to_string(ns_rr_rdlen(record)) + " bytes";
        }
        records.addresses.emplace(canonical_name(ns_rr_name(record)), *address);
    }
    return std::nullopt;
}

/// Reads the next record of the answer section, or says what is wrong with its name.
Fault parse_answer(ns_msg& parsed, ByteSpan message, int index, ns_rr& record) {
    // ns_parserr(3) goes on from where the last call stopped.
    const unsigned char* const start = index == 0 ? parsed._sections[ns_s_an] : parsed._msg_ptr;
    if (ns_parserr(&parsed, ns_s_an, index, &record) == 0) {
        return std::nullopt;
    }
    const auto at = static_cast<std::size_t>(start - message.data());
    return name_fault(message, at) + " in record " + std::to_string(index + 1);
}

std::variant<Records, BadReply> read_records(ByteSpan message, RecordType asked) {
    ns_msg parsed;
    if (ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) {
        return BadReply{"its records do not end where the message of " + std::to_string(message.size()) +
                        " bytes ends"};
    }
    Records records;
    ns_rr record;
    for (int i = 0; i < ns_msg_count(parsed, ns_s_an); ++i) {
        auto fault = parse_answer(parsed, message, i, record);
        if (!fault) {
            fault = take_answer(message, record, asked, records);
        }
        if (fault) {
            return BadReply{std::move(*fault)};
        }
    }
    for (int i = 0; i < ns_msg_count(parsed, ns_s_ar); ++i) {
        // Nothing is asked of the additional section but the OPT record, so that an odd one there does no
        // harm.
        if (ns_parserr(&parsed, ns_s_ar, i, &record) == 0 && ns_rr_type(record) == ns_t_opt) {
            records.extended_rcode = static_cast<int>(ns_rr_ttl(record) >> 24);
        }
    }
    return records;
}

/// The names that the CNAME records lead through from `name`; nothing when they lead in a circle.
std::optional<std::vector<std::string>> follow_chain(const Records& records, const std::string& name) {
    std::vector<std::string> chain;
    auto next = records.cnames.find(name);
    while (next != records.cnames.end()) {
        if (chain.size() == records.cnames.size()) {
            return std::nullopt;
        }
        chain.push_back(next->second);
        next = records.cnames.find(next->second);
    }
    return chain;
}

std::variant<DnsReply, BadReply> read_answers(DnsReply reply, Records records, const DnsQuestion& question) {
    auto chain = follow_chain(records, question.name);
    if (!chain) {
        return BadReply{"the CNAME chain of " + question.name + ". leads in a circle"};
    }
    const std::string& owner = chain->empty() ? question.name : chain->back();
    const auto [first, last] = records.addresses.equal_range(owner);
    for (auto address = first; address != last; ++address) {
        reply.answers.push_back(address->second);
    }
    if (reply.answers.empty() && !records.addresses.empty()) {
        return BadReply{std::string(slug(question.type)) + " records of " + records.addresses.begin()->first +
                        ". but none of " + owner + "."};
    }
    reply.cnames = std::move(*chain);
    return reply;
}

Fault header_fault(const Header& header, const DnsQuestion& question) {
    if (header.id != question.id) {
        return "id " + hex_16(header.id) + " instead of " + hex_16(question.id);
    }
    if (!header.response) {
        return "not a response";
    }
    if (header.opcode != ns_o_query) {
        return "opcode " + std::to_string(header.opcode) + " instead of 0";
    }
    if (header.questions > 1) {
        return std::to_string(header.questions) + " questions instead of 1";
    }
    if (header.questions == 0 && header.rcode == ns_r_noerror) {
        return "no question";
    }
    return std::nullopt;
}

}  // namespace

unsigned wire_type(RecordType type) {
    return type == RecordType::a ? ns_t_a : ns_t_aaaa;
}

std::variant<DnsReply, BadReply> read_reply(ByteSpan message, const DnsQuestion& question) {
    if (message.size() < header_size) {
        return BadReply{std::to_string(message.size()) + " bytes, shorter than a DNS header"};
    }
    const Header header = read_header(message);
    auto fault = header_fault(header, question);
    if (!fault && header.questions == 1) {
        fault = question_fault(message, question);
    }
    if (fault) {
        return BadReply{std::move(*fault)};
    }
    DnsReply reply{.rcode = header.rcode, .truncated = header.truncated, .answers = {}, .cnames = {}};
    if (reply.truncated || header.questions == 0) {
        // RFC 2181 section 9: what a truncated message holds is not to be used; it may end inside a record.
        return reply;
    }
    auto records = read_records(message, question.type);
    if (auto* bad = std::get_if<BadReply>(&records)) {
        return std::move(*bad);
    }
    reply.rcode |= std::get<Records>(records).extended_rcode << 4;
    return read_answers(std::move(reply), std::get<Records>(std::move(records)), question);
}

}  // namespace whylink::probes
