#include "daemon/history/firewall_hash.hpp"

#include <fmt/format.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "daemon/history/fnv.hpp"
#include "probes/host/netlink.hpp"

namespace whylink::daemon {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t message(std::uint16_t type) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U | type);
}

/// As NLA_HDRLEN and NLA_ALIGN have it, without their signs.
constexpr std::size_t header_size = sizeof(nlattr);
constexpr std::size_t aligned(std::size_t size) {
    return (size + header_size - 1) / header_size * header_size;
}

/// Calls `each(type, value)` for every attribute that is whole.
template <class Each>
void for_each_attribute(Bytes bytes, const Each& each) {
    while (bytes.size() >= header_size) {
        nlattr head{};
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < header_size || head.nla_len > bytes.size()) {
            return;
        }
        each(head.nla_type & static_cast<unsigned>(NLA_TYPE_MASK),
             bytes.subspan(header_size, head.nla_len - header_size));
        bytes = bytes.subspan(std::min(aligned(head.nla_len), bytes.size()));
    }
}

Bytes attribute(Bytes bytes, unsigned wanted) {
    Bytes found;
    for_each_attribute(bytes, [&](unsigned type, Bytes value) {
        if (type == wanted) {
            found = value;
        }
    });
    return found;
}

std::string_view text_of(Bytes value) {
    const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    return text.substr(0, text.find('\0'));
}

/// Their data has what was counted so far.
bool counts(std::string_view expression) {
    constexpr std::array<std::string_view, 4> names{"counter", "quota", "limit", "last"};
    return std::ranges::find(names, expression) != names.end();
}

/// Of what a message is about, by the numbers that linux/netfilter/nf_tables.h gives its attributes.
struct Part {
    std::uint16_t get;
    std::uint16_t reply;
    std::array<std::uint16_t, 5> attributes;  ///< that count; 0: none
    std::uint16_t expressions = 0;
};
constexpr std::array<Part, 3> parts{{
    {NFT_MSG_GETTABLE, NFT_MSG_NEWTABLE, {NFTA_TABLE_NAME, NFTA_TABLE_FLAGS}},
    {NFT_MSG_GETCHAIN,
     NFT_MSG_NEWCHAIN,
     {NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME, NFTA_CHAIN_HOOK, NFTA_CHAIN_POLICY, NFTA_CHAIN_TYPE}},
    {NFT_MSG_GETRULE, NFT_MSG_NEWRULE, {NFTA_RULE_TABLE, NFTA_RULE_CHAIN}, NFTA_RULE_EXPRESSIONS},
}};

/// False where the kernel refuses.
bool add_part(const Part& part, std::uint64_t& hash) {
    nfgenmsg request{};
    request.nfgen_family = AF_UNSPEC;
    const int error = probes::ask_netlink(
        NETLINK_NETFILTER, probes::NetlinkRequest(message(part.get), NLM_F_DUMP, request),
        [&](std::uint16_t type, const probes::NetlinkReply& reply) {
            if (type != message(part.reply)) {
                return;
            }
            if (const auto head = reply.structure<nfgenmsg>()) {
                hash = fnv(hash, head->nfgen_family);
            }
            for (const std::uint16_t wanted : part.attributes) {
                if (wanted != 0) {
                    hash = fnv(hash, reply.attribute(sizeof(nfgenmsg), wanted));
                }
            }
            if (part.expressions != 0) {
                hash = hash_expressions(hash, reply.attribute(sizeof(nfgenmsg), part.expressions));
            }
        });
    return error == 0;
}

std::optional<std::string> hash_of_rules() {
    std::uint64_t hash = fnv_begin;
    for (const Part& part : parts) {
        if (!add_part(part, hash)) {
            return std::nullopt;
        }
    }
    return fmt::format("{:08x}", static_cast<std::uint32_t>(hash ^ hash >> 32U));
}

/// Each transaction that changes anything of nftables raises it: nft_base_seq in net/netfilter/nf_tables_api.c.
std::optional<std::uint32_t> ruleset_generation() {
    nfgenmsg request{};
    request.nfgen_family = AF_UNSPEC;
    std::optional<std::uint32_t> generation;
    const int error = probes::ask_netlink(
        NETLINK_NETFILTER, probes::NetlinkRequest(message(NFT_MSG_GETGEN), 0, request),
        [&](std::uint16_t type, const probes::NetlinkReply& reply) {
            if (type == message(NFT_MSG_NEWGEN)) {
                generation = reply.attribute_as<std::uint32_t>(sizeof(nfgenmsg), NFTA_GEN_ID);
            }
        });
    return error == 0 ? generation : std::nullopt;
}

}  // namespace

std::uint64_t hash_expressions(std::uint64_t hash, Bytes expressions) {
    for_each_attribute(expressions, [&hash](unsigned /*list*/, Bytes expression) {
        const std::string_view name = text_of(attribute(expression, NFTA_EXPR_NAME));
        hash = fnv(hash, name);
        if (!counts(name)) {
            hash = fnv(hash, attribute(expression, NFTA_EXPR_DATA));
        }
    });
    return hash;
}

std::optional<std::string> FirewallHash::now() {
    // First: what changes while the rules are read is read the next time.
    const auto generation = ruleset_generation();
    if (!generation || generation != generation_) {
        hash_ = generation ? hash_of_rules() : std::nullopt;
        generation_ = hash_ ? generation : std::nullopt;  // what failed is tried again
    }
    return hash_;
}

}  // namespace whylink::daemon
