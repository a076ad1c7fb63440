#include "checks/followups/query_text.hpp"

#include <fmt/core.h>

#include <utility>

#include "checks/explain/text.hpp"

namespace whylink::checks {
namespace {

constexpr std::size_t max_targets = 4;

}  // namespace

std::string srv_targets_text(const std::vector<probes::SrvTarget>& targets) {
    std::vector<std::string> parts;
    for (const probes::SrvTarget& target : targets) {
        add_once(parts, fmt::format("{}:{}", target.name, target.port));
    }
    return join_first(max_targets, std::move(parts));
}

std::string pair_text(const probes::DnsFacts& dns) {
    std::vector<std::string> answered;
    std::vector<std::string> lost;
    for (const probes::DnsQuery& query : dns.queries) {
        (query.rcode ? answered : lost).emplace_back(slug(query.type));
    }
    const std::string all = fmt::format("{} answered", answered.empty() ? "none" : join(answered));
    return lost.empty() ? all : fmt::format("{}, no reply to {}", all, join(lost));
}

}  // namespace whylink::checks
