#include "probes/dns/system_resolver.hpp"

#include <net/if.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "config/ascii.hpp"
#include "config/dns_name.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_nameservers = 3;  // MAXNS of resolv.conf(5)

/// Empty when it cannot be read.
std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    // The operator catches what the buffer throws: a directory opens, and fails at the first read.
    content << file.rdbuf();
    return std::move(content).str();
}

/// Cuts off and gives what stands before the separator, or everything.
std::string_view take_until(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return taken;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/// The next word, empty at the end.
std::string_view take_word(std::string_view& line) {
    const auto start = std::ranges::find_if_not(line, is_blank);
    const auto end = std::find_if(start, line.end(), is_blank);
    const std::string_view word(start, end);
    line = std::string_view(end, line.end());
    return word;
}

/// An interface by name or number, as in "fe80::1%eth0"; nothing when there is no such interface.
std::optional<std::uint32_t> scope_index(std::string_view scope) {
    if (const auto number = parse_number<std::uint32_t>(scope)) {
        return number;
    }
    const auto index = if_nametoindex(std::string(scope).c_str());
    return index == 0 ? std::nullopt : std::optional<std::uint32_t>(index);
}

std::optional<SystemResolver> parse_nameserver(std::string_view text) {
    const bool scoped = text.find('%') != std::string_view::npos;
    const auto address = IpAddress::parse(take_until(text, '%'));
    const auto scope = scoped ? scope_index(text) : 0;
    if (!address || !scope) {
        return std::nullopt;
    }
    return SystemResolver{.address = *address, .scope = *scope};
}

/// Looks at the words alone where it can, for each round reads the file, and most of its lines name others.
bool has_alias(std::string_view line, const std::string& wanted) {
    for (auto alias = take_word(line); !alias.empty(); alias = take_word(line)) {
        const bool as_long = alias.size() == wanted.size() || alias.size() == wanted.size() + 1;
        if (as_long && canonical_name(alias) == wanted) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<SystemResolver> system_resolvers(const std::string& path) {
    const std::string content = read_file(path);
    std::vector<SystemResolver> resolvers;
    std::string_view rest = content;
    while (!rest.empty() && resolvers.size() < max_nameservers) {
        std::string_view line = take_until(rest, '\n');
        // A keyword starts its line, or the C library does not see it: that is how comments need no mark.
        if (line.starts_with("nameserver") && take_word(line) == "nameserver") {
            if (const auto resolver = parse_nameserver(take_word(line))) {
                resolvers.push_back(*resolver);
            }
        }
    }
    if (resolvers.empty()) {
        resolvers.push_back({.address = IpAddress::v4({127, 0, 0, 1}), .assumed = true});
    }
    return resolvers;
}

std::vector<IpAddress> hosts_file_addresses(std::string_view name, const std::string& path) {
    const std::string wanted = canonical_name(name);
    const std::string content = read_file(path);
    std::vector<IpAddress> addresses;
    std::string_view rest = content;
    while (!rest.empty()) {
        std::string_view line = take_until(rest, '\n');
        line = take_until(line, '#');
        const auto text = take_word(line);
        if (!has_alias(line, wanted)) {
            continue;
        }
        const auto address = IpAddress::parse(text);
        if (address && std::ranges::find(addresses, *address) == addresses.end()) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace whylink::probes
