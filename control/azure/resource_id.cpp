#include "control/azure/resource_id.hpp"

#include <algorithm>

#include "config/ascii.hpp"
#include "control/http/operations.hpp"

namespace whylink::control {

namespace {

/// None where the text does not begin with "/" or a part may not stand in a path.
std::optional<std::vector<std::string_view>> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        if (text.front() != '/') {
            return std::nullopt;
        }
        text.remove_prefix(1);
        const std::string_view part = text.substr(0, text.find('/'));
        if (!may_stand_in_path(part)) {
            return std::nullopt;
        }
        parts.push_back(part);
        text.remove_prefix(part.size());
    }
    return parts;
}

bool is_known_provider(std::string_view provider) {
    return same_without_case(provider, "Microsoft.Network") ||
           same_without_case(provider, "Microsoft.Compute");
}

/// subscriptions, S, resourceGroups, G, providers, P, TYPE, NAME
constexpr std::size_t head = 6;
/// Two pairs behind it are the most that a path of the table has.
constexpr std::size_t longest = head + 4;

bool has_head(const std::vector<std::string_view>& parts) {
    return parts.size() >= head + 2 && parts.size() <= longest && parts.size() % 2 == 0 &&
           same_without_case(parts[0], "subscriptions") && same_without_case(parts[2], "resourceGroups") &&
           same_without_case(parts[4], "providers") && is_known_provider(parts[5]);
}

}  // namespace

std::optional<ResourceId> ResourceId::parse(std::string_view text) {
    const auto parts = parts_of(text);
    if (!parts || !has_head(*parts)) {
        return std::nullopt;
    }
    ResourceId id;
    id.subscription = (*parts)[1];
    id.group = (*parts)[3];
    id.provider = (*parts)[5];
    for (std::size_t i = head; i < parts->size(); i += 2) {
        id.type += (id.type.empty() ? "" : "/") + std::string((*parts)[i]);
        id.names.emplace_back((*parts)[i + 1]);
    }
    return id;
}

bool ResourceId::is(std::string_view wanted_type) const {
    return same_without_case(type, wanted_type);
}

std::vector<Pair> ResourceId::placeholders() const {
    std::vector<Pair> pairs{{"subscription", subscription}, {"group", group}};
    if (names.size() > 1) {
        pairs.emplace_back("parent", names.front());
    }
    pairs.emplace_back("name", names.back());
    return pairs;
}

std::optional<ResourceId> ResourceId::parent() const {
    if (names.size() < 2) {
        return std::nullopt;
    }
    ResourceId id = *this;
    id.names.pop_back();
    id.type.resize(id.type.rfind('/'));
    return id;
}

std::string ResourceId::to_string() const {
    std::string text =
        "/subscriptions/" + subscription + "/resourceGroups/" + group + "/providers/" + provider;
    std::string_view types = type;
    for (const std::string& name : names) {
        const std::string_view part = types.substr(0, types.find('/'));
        text += "/" + std::string(part) + "/" + name;
        types.remove_prefix(std::min(part.size() + 1, types.size()));
    }
    return text;
}

bool same_without_case(std::string_view one, std::string_view other) {
    return one.size() == other.size() && lower_case(one) == lower_case(other);
}

std::string parent_of(std::string_view id) {
    const auto parsed = ResourceId::parse(id);
    const auto parent = parsed ? parsed->parent() : std::nullopt;
    return parent ? parent->to_string() : std::string();
}

}  // namespace whylink::control
