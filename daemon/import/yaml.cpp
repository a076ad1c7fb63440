#include "daemon/import/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>
#include <optional>

#include "config/document.hpp"

namespace whylink::daemon::yaml {
namespace {

/// What the library throws by is an exception, so this is one as well.
struct Stop {
    Fault fault;
};

unsigned from_one(int from_zero) {
    return from_zero < 0 ? 1 : static_cast<unsigned>(from_zero) + 1;
}

Fault fault_at(const YAML::Mark& mark, std::string what) {
    return {from_one(mark.line), from_one(mark.column), std::move(what)};
}

/// The library's nodes share what an alias stands for; here it is copied, and counted.
class Copier {
  public:
    Node copy(const YAML::Node& from, unsigned depth = 0) {
        const YAML::Mark mark = from.Mark();
        if (++nodes_ > max_nodes) {
            throw Stop{fault_at(
                mark, fmt::format("more than {} values, aliases counted as what they stand for", max_nodes))};
        }
        if (depth > max_depth) {
            throw Stop{fault_at(mark, fmt::format("more than {} values within each other", max_depth))};
        }
        Node node;
        node.line = from_one(mark.line);
        node.column = from_one(mark.column);
        switch (from.Type()) {
            case YAML::NodeType::Scalar:
                node.kind = Node::Kind::scalar;
                node.scalar = from.Scalar();
                break;
            case YAML::NodeType::Sequence:
                node.kind = Node::Kind::list;
                for (const auto& entry : from) {
                    node.list.push_back(copy(entry, depth + 1));
                }
                break;
            case YAML::NodeType::Map:
                node.kind = Node::Kind::map;
                copy_map(from, node, depth);
                break;
            case YAML::NodeType::Null:
            case YAML::NodeType::Undefined:
                break;
        }
        return node;
    }

  private:
    void copy_map(const YAML::Node& from, Node& node, unsigned depth) {
        std::vector<Node> merged;
        for (const auto& member : from) {
            if (!member.first.IsScalar()) {
                throw Stop{fault_at(member.first.Mark(), "a key must be a scalar")};
            }
            const std::string& key = member.first.Scalar();
            if (node.find(key) != nullptr) {
                throw Stop{fault_at(member.first.Mark(),
                                    fmt::format("the key {} stands twice", config::toml_string(key)))};
            }
            Node value = copy(member.second, depth + 1);
            value.key_line = from_one(member.first.Mark().line);
            if (key == "<<") {
                merged.push_back(std::move(value));
            } else {
                node.map.emplace_back(key, std::move(value));
            }
        }
        for (Node& source : merged) {
            merge(std::move(source), node);
        }
    }

    /// What stands in the map itself counts before what is merged into it (yaml.org/type/merge).
    static void merge(Node source, Node& into) {
        for (Node& entry : source.list) {
            merge(std::move(entry), into);
        }
        for (auto& [key, value] : source.map) {
            if (into.find(key) == nullptr) {
                into.map.emplace_back(key, std::move(value));
            }
        }
    }

    std::size_t nodes_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(map, key, &std::pair<std::string, Node>::first);
    return found == map.end() ? nullptr : &found->second;
}

std::variant<Node, Fault> parse(std::string_view text) {
    if (text.size() > max_size) {
        return Fault{1, 1, fmt::format("{} bytes, and at most {} are read", text.size(), max_size)};
    }
    try {
        return Copier().copy(YAML::Load(std::string(text)));
    } catch (const Stop& stop) {
        return stop.fault;
    } catch (const YAML::Exception& error) {
        return fault_at(error.mark, error.msg);
    } catch (const std::exception& error) {
        return Fault{1, 1, error.what()};
    }
}

}  // namespace whylink::daemon::yaml
