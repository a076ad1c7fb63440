// The flow that rules of an account are judged for, and how such a judgement ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/address.hpp"
#include "config/vocabulary.hpp"

namespace whylink::control {

/// A TCP connection from this host to an address of an endpoint.
struct Flow {
    IpAddress source;
    IpAddress destination;
    std::uint16_t port = 0;
    /// Groups of the source's interface and of the destination's; a rule that names a group is unknown while those are
    /// that it lets in or out.
    std::vector<std::string> source_groups;
    bool source_groups_known = false;
    std::vector<std::string> destination_groups;
    bool destination_groups_known = false;
    /// The source is in another network than the destination. The groups of one side count at the other only where
    /// something joins the two that knows them, which is not read.
    bool from_other_network = false;
    std::vector<std::string> source_application_groups;  ///< Azure
};

enum class Passage : std::uint8_t {
    unknown,  ///< something that decides was not read
    allowed,
    denied,
};
consteval auto vocabulary(Passage) {
    using enum Passage;
    return terms<Passage>({{unknown, "unknown"}, {allowed, "allowed"}, {denied, "denied"}});
}

/// What the rules say of a flow.
struct Ruling {
    Passage passage = Passage::unknown;
    /// The resource that decides: "sg-0abc", "acl-0def", the Resource ID of an NSG; with the rule where one decides:
    /// "nsg-db/DenyAll".
    std::string resource;
    /// "no inbound rule for tcp/9440 from 10.0.3.10"; of `unknown`: what is missing to know.
    std::string reason;
    /// Of `denied`, what to do about it: "Add an inbound rule to sg-0abc (security group of the endpoint): tcp/9440 from
    /// 10.0.3.10."
    std::string fix = {};
};

}  // namespace whylink::control
