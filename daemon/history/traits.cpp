#include "daemon/history/traits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/history/ttl_classes.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

constexpr int rcode_no_error = 0;
constexpr int rcode_nxdomain = 3;

std::string listed(std::vector<std::string> items) {
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return fmt::format("{}", fmt::join(items, ", "));
}

// ---- dns ----

/// Random names are another each round and have one place together; empty: of no interest.
std::string name_place(const probes::DnsFacts& facts) {
    switch (facts.role) {
        case probes::NameRole::host:
        case probes::NameRole::known_label:
            return facts.name;
        case probes::NameRole::random_label:
            return std::string(slug(facts.role));
        default:
            return {};
    }
}

void add_query(const probes::DnsQuery& query, const std::string& place, bool named, Traits& traits) {
    // Neither silence nor a failing server says what the record is.
    if (query.rcode != rcode_no_error && query.rcode != rcode_nxdomain) {
        return;
    }
    std::vector<std::string> addresses;
    for (const probes::DnsAnswer& answer : query.answers) {
        addresses.push_back(answer.address.to_string());
    }
    traits[{What::address, place}] = listed(std::move(addresses));
    if (named) {
        traits[{What::cname, place}] = fmt::format("{}", fmt::join(query.cnames, ", "));
    }
}

/// Calls `body` with each query whose answer is of interest, and its place.
template <class Body>
void for_each_query(const probes::DnsFacts& facts, Body body) {
    const std::string name = name_place(facts);
    if (name.empty() || facts.source != probes::NameSource::resolver) {
        return;
    }
    for (const probes::DnsQuery& query : facts.queries) {
        body(query, fmt::format("{} {} {}", facts.resolver.to_string(), slug(query.type), name));
    }
}

void add(const probes::DnsFacts& facts, const std::string& /*place*/, Traits& traits) {
    for_each_query(facts, [&](const probes::DnsQuery& query, const std::string& place) {
        add_query(query, place, facts.role != probes::NameRole::random_label, traits);
    });
}

// ---- connections ----

std::string day_text(std::chrono::system_clock::time_point time) {
    constexpr std::size_t date = 10;
    return rfc3339(time).substr(0, date);
}

std::string certificate_text(const probes::Certificate& certificate) {
    const std::string serial =
        certificate.serial.empty() ? std::string() : fmt::format(", serial {}", certificate.serial);
    return fmt::format("{} by {} ({} to {}{})", certificate.subject, certificate.issuer,
                       day_text(certificate.not_before), day_text(certificate.not_after), serial);
}

void add(const probes::TlsFacts& facts, const std::string& place, Traits& traits) {
    if (!facts.chain.empty()) {
        traits[{What::certificate, place}] = certificate_text(facts.chain.front());
    }
    if (facts.progress == probes::TlsProgress::complete) {
        traits[{What::tls_version, place}] = facts.version;
        traits[{What::alpn, place}] = facts.alpn;
    }
}

void add(const probes::AppFacts& facts, const std::string& place, Traits& traits) {
    if (!facts.server.empty()) {
        traits[{What::banner, place}] = facts.server;
    }
}

template <class Other>
void add(const Other& /*facts*/, const std::string& /*place*/, Traits& /*traits*/) {}

/// Systems begin with 64, 128 or 255; what is missing was taken by routers.
unsigned hops_of(std::uint8_t hop_limit) {
    constexpr std::array<unsigned, 3> begins{64, 128, 255};
    return *std::ranges::lower_bound(begins, unsigned{hop_limit}) - hop_limit;
}

void add_packets(const probes::CapturedConnection& captured, Traits& traits) {
    const std::string place = captured.address.to_string();
    if (captured.facts.mss_received != 0) {
        traits[{What::mss, place}] = std::to_string(captured.facts.mss_received);
    }
    if (captured.facts.syn_ack_hop_limit) {
        traits[{What::hops, place}] = std::to_string(hops_of(*captured.facts.syn_ack_hop_limit));
    }
}

}  // namespace

Traits traits_of(const checks::Assessment& round) {
    Traits traits;
    for (const checks::JudgedProbe& probe : round.probes) {
        const std::string place =
            probe.observation.address ? probe.observation.address->to_string() : std::string();
        if (!probe.observation.local) {
            visit([&](const auto& facts) { add(facts, place, traits); }, probe.observation.facts);
        }
    }
    for (const probes::CapturedConnection& captured : round.packets) {
        add_packets(captured, traits);
    }
    return traits;
}

Ttls ttls_of(const checks::Assessment& round) {
    Ttls ttls;
    for (const checks::JudgedProbe& probe : round.probes) {
        const probes::DnsFacts* facts = probe.dns();
        if (facts == nullptr || probe.observation.local) {
            continue;
        }
        for_each_query(*facts, [&ttls](const probes::DnsQuery& query, const std::string& place) {
            for (const probes::DnsAnswer& answer : query.answers) {
                const auto [ttl, is_new] = ttls.try_emplace(place, answer.ttl);
                ttl->second = std::min(ttl->second, answer.ttl);
            }
        });
    }
    return ttls;
}

TraitNews take_over(Traits& known, const Traits& seen, std::chrono::system_clock::time_point at) {
    TraitNews news;
    for (const auto& [key, value] : seen) {
        if (known.size() >= max_traits && key.what != What::config && !known.contains(key)) {
            continue;
        }
        const auto [before, is_new] = known.try_emplace(key, value);
        if (!is_new && before->second == value) {
            continue;
        }
        news.replaced.push_back(key);
        if (is_new) {
            continue;
        }
        Change change{at, key.what, std::exchange(before->second, value), value};
        if (std::ranges::find(news.changes, change) == news.changes.end()) {
            news.changes.push_back(std::move(change));
        }
    }
    return news;
}

}  // namespace whylink::daemon
