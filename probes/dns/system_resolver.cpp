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
#include "config/outside_text.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_nameservers = 3;  // MAXNS of resolv.conf(5)
constexpr std::size_t max_search = 32;      // programs try them all; the judgement looks at the first few

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

// resolv.h: RES_MAXRETRANS, RES_MAXRETRY and RES_MAXNDOTS, to which the C library bounds what the file says.
constexpr unsigned max_timeout = 30;
constexpr unsigned max_attempts = 5;
constexpr unsigned max_ndots = 15;

/// "timeout:3" → 3, for the word "timeout:".
void read_number(std::string_view option, std::string_view word, unsigned most, unsigned& value) {
    if (option.starts_with(word)) {
        if (const auto number = parse_number<unsigned>(option.substr(word.size()))) {
            value = std::min(*number, most);
        }
    }
}

void read_option(std::string_view option, LookupOptions& options) {
    options.use_vc = options.use_vc || option == "use-vc";
    options.edns0 = options.edns0 || option == "edns0";
    options.single_request =
        options.single_request || option == "single-request" || option == "single-request-reopen";
    read_number(option, "timeout:", max_timeout, options.timeout);
    read_number(option, "attempts:", max_attempts, options.attempts);
    read_number(option, "ndots:", max_ndots, options.ndots);
}

/// The last of the `search` and `domain` lines counts.
void read_search_list(std::string_view line, LookupOptions& options) {
    options.search.clear();
    options.search_left_out = 0;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        std::string name = canonical_name(word);
        if (name.empty() || host_name_fault(name)) {
            continue;
        }
        if (options.search.size() < max_search) {
            options.search.push_back(std::move(name));
        } else {
            ++options.search_left_out;
        }
    }
}

// ---- nsswitch.conf ----

/// "[NOTFOUND=return]", whatever its case: what the service before it says ends the lookup.
bool returns_when_not_found(std::string_view action) {
    return lower_case(action).find("notfound=return") != std::string::npos;
}

/// nss-mdns's minimal services answer for names of two labels below `local` only.
bool is_of_multicast_dns(std::string_view name) {
    constexpr std::string_view suffix = ".local";
    return name.ends_with(suffix) && std::ranges::count(name, '.') == 1;
}

/// The services of the line, each with the action behind it; both may be empty at the end.
struct Service {
    std::string_view name;
    std::string_view action;
};

Service take_service(std::string_view& line) {
    Service service{take_word(line), {}};
    const auto next = line.find_first_not_of(" \t");
    if (next != std::string_view::npos && line[next] == '[') {
        line.remove_prefix(next + 1);
        service.action = take_until(line, ']');
    }
    return service;
}

/// What the lookup of `name` ends with on this line.
std::string end_of_lookup(std::string_view line, std::string_view name) {
    std::string_view last;
    for (Service service = take_service(line); !service.name.empty(); service = take_service(line)) {
        const bool minimal = service.name.starts_with("mdns") && service.name.ends_with("_minimal");
        const bool is_local = service.name == "files" || service.name == "myhostname" ||
                              service.name == "mymachines" || service.name.starts_with("mdns");
        if (!is_local) {
            return {};
        }
        const bool says_not_found = service.name == "files" || (minimal && is_of_multicast_dns(name));
        if (says_not_found && returns_when_not_found(service.action)) {
            return outside_text(service.name);
        }
        last = service.name;
    }
    return outside_text(last);
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

LookupOptions lookup_options(const std::string& path) {
    const std::string content = read_file(path);
    LookupOptions options;
    std::string_view rest = content;
    while (!rest.empty()) {
        std::string_view line = take_until(rest, '\n');
        const std::string_view keyword = line.substr(0, line.find_first_of(" \t"));
        if (keyword == "search" || keyword == "domain") {
            take_word(line);
            read_search_list(line, options);
        } else if (keyword == "options") {
            take_word(line);
            for (auto option = take_word(line); !option.empty(); option = take_word(line)) {
                read_option(option, options);
            }
        }
    }
    return options;
}

std::string lookup_services(const std::string& path) {
    const std::string content = read_file(path);
    std::string_view rest = content;
    while (!rest.empty()) {
        std::string_view line = take_until(rest, '\n');
        line = take_until(line, '#');
        if (take_word(line) == "hosts:") {
            return std::string(line);
        }
    }
    return {};
}

std::string lookup_ends_at(std::string_view name, std::string_view services) {
    return end_of_lookup(services, canonical_name(name));
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
