// The nftables ruleset of this host, as a hash. Needs CAP_NET_ADMIN.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace whylink::daemon {

/// Of one thread at a time.
class FirewallHash {
  public:
    /// Of tables, chains and rules, eight hexadecimal digits; none where the kernel does not show them to this process.
    /// Counters count packets and are left out; so are elements of sets, which programs change all the time. The rules are
    /// read where the kernel says that they may have changed: there may be tens of thousands.
    std::optional<std::string> now();

  private:
    std::optional<std::uint32_t> generation_;  ///< of the ruleset that `hash_` is of
    std::optional<std::string> hash_;
};

/// Adds the expressions of a rule (NFTA_RULE_EXPRESSIONS) to a hash, without what counts. Any bytes are safe.
std::uint64_t hash_expressions(std::uint64_t hash, std::span<const std::uint8_t> expressions);

}  // namespace whylink::daemon
