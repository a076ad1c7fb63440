#include "config/capacity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <numeric>
#include <vector>

namespace whylink::config {
namespace {

/// Of resolv.conf(5): MAXNS, which is all that the C library uses.
constexpr std::size_t system_resolvers = 3;
/// The most follow-up tests of a round, and what a round opens in passing (netlink, files of /proc).
constexpr std::size_t least_files = 8;

/// DNS, of a name; TCP; what speaks on it.
unsigned stages_of(const Endpoint& endpoint) {
    return (endpoint.address ? 0U : 1U) + 1U + (endpoint.tls.mode == TlsMode::off ? 0U : 1U) +
           (endpoint.app == App::none ? 0U : 1U);
}

std::size_t resolvers_of(const Common& common) {
    std::size_t count = 0;
    for (const Resolver& resolver : common.resolvers) {
        count += resolver.system ? system_resolvers : 1;
    }
    return count;
}

/// A socket for each name, resolver and type.
std::size_t query_files(std::size_t names, const Common& common, Family family) {
    return names * resolvers_of(common) * (family == Family::any ? 2U : 1U);
}

std::size_t names_of(const Endpoint& endpoint) {
    return (endpoint.address ? 0U : 1U) + (endpoint.public_host.empty() ? 0U : 1U);
}

/// The control name is one more.
std::size_t names_of(const Zone& zone) {
    return zone.known_labels.size() + zone.random_labels + 1;
}

/// Of each round, the largest first.
std::vector<std::size_t> files_of_rounds(std::span<const TargetPtr> targets) {
    std::vector<std::size_t> files;
    for (const TargetPtr& target : targets) {
        files.push_back(files_of_round(*target));
    }
    std::ranges::sort(files, std::greater<>());
    return files;
}

/// Three digits are enough for whoever reads it.
std::string seconds_text(double seconds) {
    char text[32];
    static_cast<void>(std::snprintf(text, sizeof text, "%.3g s", seconds));
    return text;
}

}  // namespace

Duration max_round(const Target& target) {
    if (const Endpoint* endpoint = target.endpoint()) {
        return endpoint->timeout * stages_of(*endpoint);
    }
    return target.zone() != nullptr ? target.head().timeout : Duration(0);
}

std::size_t files_of_round(const Target& target) {
    if (const Endpoint* endpoint = target.endpoint()) {
        const std::size_t connections = endpoint->address ? 1 : max_connections;
        return std::max(
            {least_files, connections, query_files(names_of(*endpoint), *endpoint, endpoint->family)});
    }
    if (const Zone* zone = target.zone()) {
        return std::max(least_files, query_files(names_of(*zone), *zone, zone->family));
    }
    return 0;
}

std::optional<std::size_t> rounds_for(std::span<const TargetPtr> targets, std::size_t files) {
    const std::vector<std::size_t> wanted = files_of_rounds(targets);
    std::size_t rounds = 0;
    for (std::size_t left = files; rounds < wanted.size() && wanted[rounds] <= left; ++rounds) {
        left -= wanted[rounds];
    }
    return rounds == wanted.size() ? std::nullopt : std::optional(std::max<std::size_t>(rounds, 1));
}

std::size_t files_for(std::span<const TargetPtr> targets, std::size_t rounds) {
    const std::vector<std::size_t> wanted = files_of_rounds(targets);
    const std::size_t counted = std::min(rounds, wanted.size());
    return std::accumulate(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(counted),
                           std::size_t{0});
}

std::size_t Load::needed() const {
    // A sum of ten thousand shares is not to be one more for their last digits.
    constexpr double rounding = 1e-6;
    return static_cast<std::size_t>(std::ceil(at_once - rounding));
}

Load load_of(std::span<const TargetPtr> targets,
             const std::function<Duration(const TargetPtr& target, std::size_t index)>& took) {
    Load load;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (targets[i]->watch() != nullptr) {
            continue;
        }
        const Duration interval = std::max(targets[i]->head().interval, Duration(1));
        const double per_second = 1e3 / static_cast<double>(interval.count());
        ++load.targets;
        load.per_second += per_second;
        load.at_once += static_cast<double>(std::min(took(targets[i], i), interval).count()) /
                        static_cast<double>(interval.count());
    }
    load.took_seconds = load.targets == 0 ? 0 : load.at_once / load.per_second;
    return load;
}

Load worst_load(std::span<const TargetPtr> targets) {
    std::vector<TargetPtr> enabled;
    std::ranges::copy_if(targets, std::back_inserter(enabled),
                         [](const TargetPtr& target) { return target->head().enabled; });
    return load_of(enabled,
                   [](const TargetPtr& target, std::size_t /*index*/) { return max_round(*target); });
}

std::string load_text(const Load& load) {
    if (load.targets == 0) {
        return "no targets";
    }
    return std::to_string(load.targets) + (load.targets == 1 ? " target × " : " targets × ") +
           seconds_text(load.took_seconds) + " ÷ " + seconds_text(load.interval_seconds()) + " = " +
           std::to_string(load.needed()) + (load.needed() == 1 ? " concurrent check" : " concurrent checks") +
           " on average";
}

}  // namespace whylink::config
