// YAML text as a tree of values, each with its place in the file. Keeps the YAML library out of every other file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace whylink::daemon::yaml {

struct Node {
    enum class Kind { null, scalar, list, map };
    Kind kind = Kind::null;
    unsigned line = 1;  ///< from 1
    unsigned column = 1;
    unsigned key_line = 0;  ///< of a value in a map: where its key stands; else 0
    std::string scalar;     ///< as it is written, whatever it means
    std::vector<Node> list;
    std::vector<std::pair<std::string, Node>>
        map;  ///< in the order of the file; merged keys ("<<") come last

    /// Null when there is none, and of what is no map.
    const Node* find(std::string_view key) const;
};

struct Fault {
    unsigned line = 1;
    unsigned column = 1;
    std::string what;
};

/// A file of monitoring is some kilobytes; more is a mistake or an attack. An alias counts as what it stands for.
inline constexpr std::size_t max_size = std::size_t{4} << 20U;
inline constexpr std::size_t max_nodes = 200'000;
inline constexpr unsigned max_depth = 32;

/// The first document of the text; an empty one is Kind::null. A key that stands twice, or is no scalar, is a fault.
/// Never throws for what a text can hold.
std::variant<Node, Fault> parse(std::string_view text);

}  // namespace whylink::daemon::yaml
