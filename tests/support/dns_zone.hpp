// What a test name server knows, and how it misbehaves, as text.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::lab {

enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, txt = 16, aaaa = 28, srv = 33 };

struct DnsRecord {
    std::string name;  ///< canonical, or with a leading "*."
    std::uint32_t ttl = 300;
    DnsType type = DnsType::a;
    /// An address, a name, or a text; of SRV "PRIORITY WEIGHT PORT TARGET", of SOA "MNAME MINIMUM".
    std::string data;
};

/// An extended DNS error (RFC 8914).
struct DnsExtendedError {
    std::uint16_t code = 0;
    std::string text;
};

enum class DnsFault {
    silent,      ///< no reply at all
    silent_udp,  ///< a reply over TCP only
    servfail,
    refused,
    formerr,
    notimp,
    nxdomain,
    nodata,
    garbage,    ///< 64 bytes that are no DNS message
    no_header,  ///< 5 bytes
    wrong_id,
    wrong_question,  ///< a good reply to another name
    no_question,     ///< the question section left out
    not_a_response,  ///< the query itself sent back
    loop,            ///< a compression pointer to itself
    cut_record,      ///< the last record lacks its end
    many,            ///< 200 addresses beside the true ones
    wrong_id_then_good,
    truncated,             ///< TC over UDP, answered over TCP
    truncated_tcp_closed,  ///< TC over UDP; a TCP query is answered by closing
    truncated_tcp_silent,
    no_edns,      ///< FORMERR for a query with EDNS, an answer without
    drops_first,  ///< the first query of each name and type gets no reply
    slow,         ///< answers after 300 ms
    cname_loop,   ///< two aliases for each other
    drops_edns,   ///< no reply over UDP to a query with EDNS
    bogus,        ///< SERVFAIL unless checking is disabled (CD)
};

/// Lines of
///
///     NAME [TTL] A|AAAA|CNAME|TXT DATA
///     NAME [TTL] SRV PRIORITY WEIGHT PORT TARGET
///     NAME [TTL] SOA MNAME MINIMUM
///     NAME FAULT KIND [A|AAAA|SRV]
///     NAME ERROR CODE TEXT
///     AUTHORITATIVE
///
/// The SOA record goes with negative answers for what lies at or below its name, under its own TTL as it would come
/// from a cache. An ERROR goes with every reply for its name or, "ALL", for any name, to a query with EDNS.
/// AUTHORITATIVE sets AA.
///
/// with '#' comments. Wildcards and empty non-terminals are as in RFC 4592: "*.x" answers for names below x
/// that do not exist, and a name that only has names below it exists without data. A fault stands for its
/// name, "*.x" for every name below x, "ALL" for every query, "OTHERS" for names that would be NXDOMAIN; a
/// type restricts it. The first that fits, in the order of the lines, applies.
class DnsZone {
  public:
    /// Throws std::invalid_argument with the offending line.
    static DnsZone parse(std::string_view text);

    struct Answer {
        int rcode = 0;
        std::vector<DnsRecord> records;  ///< the alias chain, then the data
        std::string last;                ///< the name at the end of the chain
    };
    Answer lookup(const std::string& name, std::uint16_t type) const;
    /// Of the zone that the name lies in.
    std::optional<DnsRecord> authority(std::string name) const;
    std::optional<DnsFault> fault(const std::string& name, std::uint16_t type) const;
    std::optional<DnsExtendedError> extended_error(const std::string& name) const;
    bool authoritative() const { return authoritative_; }

  private:
    struct FaultLine {
        std::string name;
        DnsFault kind;
        std::uint16_t type;  ///< 0: any
    };

    bool exists(const std::string& name) const;
    /// The node that answers for `name`: itself, or a wildcard; null when there is none.
    const std::vector<DnsRecord>* find(const std::string& name) const;
    void add_record(std::vector<std::string> words);
    void add_fault(const std::vector<std::string>& words);
    void add_error(const std::vector<std::string>& words);

    std::map<std::string, std::vector<DnsRecord>> nodes_;
    std::set<std::string> non_terminals_;
    std::vector<FaultLine> faults_;
    std::map<std::string, DnsRecord> authorities_;
    std::map<std::string, DnsExtendedError> errors_;
    bool authoritative_ = false;
};

}  // namespace whylink::lab
