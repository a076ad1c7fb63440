// Which addresses are this host's, as rounds ask it for each answer of DNS.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "config/address.hpp"

namespace whylink::daemon {

/// Read again when older than `lasts`: they change seldom, and thousands of rounds ask. Of the event loop.
class OwnAddresses {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr Clock::duration lasts = std::chrono::seconds(10);

    /// As probes::own_addresses().
    OwnAddresses();
    /// For tests: `read` gives them sorted.
    explicit OwnAddresses(std::function<std::vector<IpAddress>()> read);

    /// An IPv4-mapped or NAT64 address is one by the IPv4 address inside.
    bool contains(const IpAddress& address, Clock::time_point now);

  private:
    std::function<std::vector<IpAddress>()> read_;
    std::vector<IpAddress> addresses_;
    std::optional<Clock::time_point> read_at_;
};

}  // namespace whylink::daemon
