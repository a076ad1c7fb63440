// What the account is asked about: a target and its flow, as far as the packets and the config know it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/read.hpp"
#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::control {

/// On which side of the link this host is.
enum class Side : std::uint8_t { consumer, provider };
consteval auto vocabulary(Side) {
    using enum Side;
    return terms<Side>({{consumer, "consumer"}, {provider, "provider"}});
}

/// A target, as the control plane needs to know it. It is a part of each request, so it has nothing secret and nothing
/// that a round alone knows.
struct Subject {
    std::string target;  ///< name in the config
    Side side = Side::consumer;
    std::string vendor;  ///< "clickhouse", "emqx", "adobe-commerce"; empty: none
    std::string host;
    std::uint16_t port = 0;
    std::vector<std::string> names;    ///< of the CNAME chain behind the host, in no order
    std::vector<IpAddress> addresses;  ///< by DNS, or configured
    std::vector<Cidr> expect;
    std::string endpoint_id;
    std::string service;
    std::vector<IpAddress> sources;  ///< by which this host sends to these addresses
    std::vector<Cidr> peers;         ///< provider side: where connections come from
    bool operator==(const Subject&) const = default;
};

}  // namespace whylink::control
