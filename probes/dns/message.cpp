#include "probes/dns/message.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "config/dns_name.hpp"
#include "config/outside_text.hpp"
#include "probes/dns/name_walk.hpp"
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
    bool authoritative;
    bool truncated;
    bool recursion_available;
    int rcode;
    std::uint16_t questions;
};

Header read_header(ByteSpan message) {
    return {.id = read_16(message, 0),
            .response = (message[2] & 0x80) != 0,
            .opcode = message[2] >> 3 & 0xf,
            .authoritative = (message[2] & 0x04) != 0,
            .truncated = (message[2] & 0x02) != 0,
            .recursion_available = (message[3] & 0x80) != 0,
            .rcode = message[3] & 0xf,
            .questions = read_16(message, 4)};
}

/// What is wrong with the name at `at`, which ns_name_uncompress(3) has refused (it says EMSGSIZE for everything) or which
/// is not read at all.
std::string name_fault(ByteSpan message, std::size_t at) {
    return walk_name(message, at).fault();
}

struct Name {
    std::string canonical;
    std::size_t size;  ///< in the message
};

std::optional<Name> read_name(ByteSpan message, std::size_t at) {
    std::array<char, NS_MAXDNAME> text{};
    if (at >= message.size() || !walk_name(message, at).is_bounded()) {
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
    RecordCounts counts;
    std::multimap<std::string, DnsAnswer> addresses;  ///< of the asked type, by owner
    std::multimap<std::string, SrvTarget> targets;    ///< likewise
    std::map<std::string, std::string> cnames;        ///< owner to target
    std::optional<NegativeAuthority> authority;
    bool names_servers = false;  ///< an NS record in the authority section
    std::vector<ExtendedError> extended_errors;
    int extended_rcode = 0;  ///< upper eight bits
};

ByteSpan data_of(const ns_rr& record) {
    return {ns_rr_rdata(record), static_cast<std::size_t>(ns_rr_rdlen(record))};
}

/// RFC 2181 section 8: a TTL with the top bit set counts as zero.
std::uint32_t ttl_of(const ns_rr& record) {
    return ns_rr_ttl(record) > 0x7fffffffU ? 0 : ns_rr_ttl(record);
}

/// Where the record's data begins in the message, to which its compression pointers refer.
std::size_t data_at(ByteSpan message, const ns_rr& record) {
    return static_cast<std::size_t>(ns_rr_rdata(record) - message.data());
}

/// Of a record of the type `asked`; nothing when it has not the size of such an address.
std::optional<DnsAnswer> read_address(const ns_rr& record, RecordType asked) {
    const auto address = IpAddress::from_bytes(data_of(record));
    if (!address || address->is_v4() != (asked == RecordType::a)) {
        return std::nullopt;
    }
    return DnsAnswer{*address, ttl_of(record)};
}

/// RFC 2782: priority, weight and port, then the target; nothing when the record does not hold them.
std::optional<SrvTarget> read_target(ByteSpan message, const ns_rr& record) {
    constexpr std::size_t numbers_size = 6;
    const ByteSpan data = data_of(record);
    if (data.size() <= numbers_size) {
        return std::nullopt;
    }
    auto name = read_name(message, data_at(message, record) + numbers_size);
    if (!name || numbers_size + name->size > data.size()) {
        return std::nullopt;
    }
    return SrvTarget{.priority = read_16(data, 0),
                     .weight = read_16(data, 2),
                     .port = read_16(data, 4),
                     .name = std::move(name->canonical),
                     .ttl = ttl_of(record)};
}

/// RFC 1035 section 3.3.13: two names, then five numbers, of which the last is MINIMUM; nothing when the record does
/// not hold them.
std::optional<NegativeAuthority> read_authority(ByteSpan message, const ns_rr& record) {
    constexpr std::size_t numbers_size = 20;
    const ByteSpan data = data_of(record);
    const std::size_t at = data_at(message, record);
    auto server = read_name(message, at);
    const auto mailbox = server ? read_name(message, at + server->size) : std::nullopt;
    if (!mailbox || server->size + mailbox->size + numbers_size > data.size()) {
        return std::nullopt;
    }
    const std::size_t minimum_at = server->size + mailbox->size + numbers_size - 4;
    return NegativeAuthority{.zone = canonical_name(ns_rr_name(record)),
                             .server = std::move(server->canonical),
                             .ttl = ttl_of(record),
                             .minimum = read_32(data, minimum_at)};
}

std::string_view as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// RFC 6891 section 6.1.2: options, each a code, a length and so many bytes. An option that is cut short ends the list.
std::vector<ExtendedError> read_extended_errors(ByteSpan options) {
    constexpr std::size_t head_size = 4;
    constexpr std::uint16_t extended_error_option = 15;  // RFC 8914 section 2
    std::vector<ExtendedError> errors;
    while (options.size() >= head_size && errors.size() < max_extended_errors) {
        const std::uint16_t code = read_16(options, 0);
        const std::size_t size = read_16(options, 2);
        options = options.subspan(head_size);
        if (size > options.size()) {
            break;
        }
        if (code == extended_error_option && size >= 2) {
            const ByteSpan text = options.subspan(2, size - 2);
            errors.push_back({read_16(options, 0), outside_text(as_text(text), max_extra_text)});
        }
        options = options.subspan(size);
    }
    return errors;
}

/// Takes one record of the answer section; gives what is wrong with it.
Fault take_answer(ByteSpan message, const ns_rr& record, RecordType asked, Records& records) {
    if (ns_rr_class(record) != ns_c_in) {
        return std::nullopt;
    }
    if (ns_rr_type(record) == ns_t_cname) {
        const std::size_t at = data_at(message, record);
        const auto target = read_name(message, at);
        if (!target || target->size > ns_rr_rdlen(record)) {
            return (target ? "a name that runs past its record" : name_fault(message, at)) +
                   " in a CNAME record";
        }
        records.cnames.try_emplace(canonical_name(ns_rr_name(record)), target->canonical);
    } else if (ns_rr_type(record) == wire_type(asked) && asked == RecordType::srv) {
        auto target = read_target(message, record);
        if (!target) {
            return "an SRV record of " + std::to_string(ns_rr_rdlen(record)) + " bytes";
        }
        records.targets.emplace(canonical_name(ns_rr_name(record)), std::move(*target));
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
    const auto at = static_cast<std::size_t>(start - message.data());
    if (walk_name(message, at).is_bounded() && ns_parserr(&parsed, ns_s_an, index, &record) == 0) {
        return std::nullopt;
    }
    return name_fault(message, at) + " in record " + std::to_string(index + 1);
}

/// Calls `take` with each record of the section, up to the first whose name cannot be read: no server writes one, and a
/// hostile message has room for thousands.
template <class Take>
void read_section(ns_msg& parsed, ByteSpan message, ns_sect section, Take take) {
    ns_rr record;
    for (int i = 0; i < ns_msg_count(parsed, section); ++i) {
        const unsigned char* const start = i == 0 ? parsed._sections[section] : parsed._msg_ptr;
        const auto at = static_cast<std::size_t>(start - message.data());
        if (!walk_name(message, at).is_bounded() || ns_parserr(&parsed, section, i, &record) != 0) {
            return;
        }
        take(record);
    }
}

/// Of the authority section the SOA record, of the additional section the OPT record. What is odd there does no harm.
void read_further_sections(ns_msg& parsed, ByteSpan message, Records& records) {
    read_section(parsed, message, ns_s_ns, [&](const ns_rr& record) {
        records.names_servers = records.names_servers || ns_rr_type(record) == ns_t_ns;
        if (ns_rr_type(record) == ns_t_soa && !records.authority) {
            records.authority = read_authority(message, record);
        }
    });
    read_section(parsed, message, ns_s_ar, [&](const ns_rr& record) {
        if (ns_rr_type(record) == ns_t_opt) {
            records.extended_rcode = static_cast<int>(ns_rr_ttl(record) >> 24);
            records.extended_errors = read_extended_errors(data_of(record));
            records.counts.additional -= std::min(records.counts.additional, 1U);
        }
    });
}

unsigned records_in(const ns_msg& parsed, ns_sect section) {
    return static_cast<unsigned>(ns_msg_count(parsed, section));
}

std::variant<Records, BadReply> read_records(ByteSpan message, RecordType asked) {
    ns_msg parsed;
    if (ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) {
        return BadReply{"its records do not end where the message of " + std::to_string(message.size()) +
                        " bytes ends"};
    }
    Records records;
    records.counts = {records_in(parsed, ns_s_an), records_in(parsed, ns_s_ns), records_in(parsed, ns_s_ar)};
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
    read_further_sections(parsed, message, records);
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

template <class T>
std::vector<T> values_of(const std::multimap<std::string, T>& records, const std::string& owner) {
    std::vector<T> values;
    const auto [first, last] = records.equal_range(owner);
    for (auto record = first; record != last; ++record) {
        values.push_back(record->second);
    }
    return values;
}

/// Keeps the first of them; gives how many there were beyond.
template <class T>
unsigned keep_first(std::vector<T>& all, std::size_t most) {
    const std::size_t further = all.size() - std::min(all.size(), most);
    all.resize(all.size() - further);
    return static_cast<unsigned>(further);
}

/// The last name of a chain is the one that owns the addresses, so it stays.
unsigned keep_ends(std::vector<std::string>& chain, std::size_t most) {
    if (chain.size() <= most) {
        return 0;
    }
    std::swap(chain[most - 1], chain.back());
    return keep_first(chain, most);
}

void bound(DnsReply& reply) {
    reply.answers_left_out = keep_first(reply.answers, max_answers);
    reply.targets_left_out = keep_first(reply.targets, max_srv_targets);
    reply.cnames_left_out = keep_ends(reply.cnames, max_cnames);
    for (std::string& name : reply.cnames) {
        name = outside_text(name);
    }
    for (SrvTarget& target : reply.targets) {
        target.name = outside_text(target.name);
    }
    if (reply.authority) {
        reply.authority->zone = outside_text(reply.authority->zone);
        reply.authority->server = outside_text(reply.authority->server);
    }
}

std::variant<DnsReply, BadReply> read_answers(DnsReply reply, Records records, const DnsQuestion& question) {
    auto chain = follow_chain(records, question.name);
    if (!chain) {
        return BadReply{"the CNAME chain of " + question.name + ". leads in a circle"};
    }
    reply.records = records.counts;
    const std::string& owner = chain->empty() ? question.name : chain->back();
    reply.answers = values_of(records.addresses, owner);
    reply.targets = values_of(records.targets, owner);
    const bool of_others = !records.addresses.empty() || !records.targets.empty();
    const bool empty = reply.answers.empty() && reply.targets.empty();
    if (empty && of_others) {
        const std::string& other =
            records.addresses.empty() ? records.targets.begin()->first : records.addresses.begin()->first;
        return BadReply{std::string(slug(question.type)) + " records of " + other + ". but none of " + owner +
                        "."};
    }
    if (empty) {
        reply.referral = reply.rcode == ns_r_noerror && records.names_servers && !records.authority;
        reply.authority = std::move(records.authority);
    }
    reply.extended_errors = std::move(records.extended_errors);
    reply.cnames = std::move(*chain);
    bound(reply);
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
    switch (type) {
        case RecordType::a:
            return ns_t_a;
        case RecordType::aaaa:
            return ns_t_aaaa;
        case RecordType::srv:
            break;
    }
    return ns_t_srv;
}

namespace {

std::variant<DnsReply, BadReply> read_whole_reply(ByteSpan message, const DnsQuestion& question) {
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
    DnsReply reply;
    reply.rcode = header.rcode;
    reply.truncated = header.truncated;
    reply.authoritative = header.authoritative;
    reply.without_recursion = !header.recursion_available;
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

}  // namespace

std::variant<DnsReply, BadReply> read_reply(ByteSpan message, const DnsQuestion& question) {
    auto read = read_whole_reply(message, question);
    if (auto* bad = std::get_if<BadReply>(&read)) {
        bad->reason = outside_text(bad->reason);
    }
    return read;
}

}  // namespace whylink::probes
