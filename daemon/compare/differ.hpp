// What differs between two sides of a comparison. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/vocabulary.hpp"
#include "daemon/compare/side.hpp"

namespace whylink::daemon {

/// In the order in which a connection gets through them, which is the order in which a difference can explain another.
enum class Layer : std::uint8_t { dns, route, tcp, path, tls, app, watch, cause };
consteval auto vocabulary(Layer) {
    using enum Layer;
    return terms<Layer>({{dns, "dns", "DNS"},
                         {route, "route", "route"},
                         {tcp, "tcp", "TCP"},
                         {path, "path", "path"},
                         {tls, "tls", "TLS"},
                         {app, "app", "app"},
                         {watch, "watch", "watch"},
                         {cause, "cause", "cause"}});
}

struct Difference {
    Layer layer = Layer::dns;
    std::string_view what;  ///< "addresses", "outcome", "certificate", …
    std::string subject;    ///< the name or the address that it is about
    std::string good;       ///< for people; "none" where there is nothing
    std::string bad;
    /// Can by itself be why one host works and the other does not; false: differs between most hosts.
    bool can_decide = false;
};

struct TargetComparison {
    SeenTarget good;
    SeenTarget bad;
    /// The decisive one first where there is one, then those that can decide, then the others; each group layer by
    /// layer.
    std::vector<Difference> differences;
    bool has_decisive = false;

    bool equal() const { return differences.empty(); }
};

struct Comparison {
    std::vector<TargetComparison> targets;  ///< of both sides, in the order of the first
    std::vector<std::string> only_good;     ///< names of targets that the other side does not have
    std::vector<std::string> only_bad;

    bool equal() const;
};

/// Targets are the same by kind and name, else by what they are (host and port, zone). Where both sides have one target,
/// these are compared; an error text when they are of different hosts, zones or ports, or when no target is in both.
std::variant<Comparison, std::string> compare(const Side& good, const Side& bad);

/// What the difference means for the one who looks for the fault, in a sentence or two; empty: nothing to say.
std::string_view meaning(const Difference& difference);

}  // namespace whylink::daemon
