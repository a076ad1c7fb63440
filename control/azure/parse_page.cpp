#include "control/azure/parse_page.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// Nothing: it is there and no text.
std::optional<std::string> link_of(const json& document) {
    const json& link = json_at(document, "nextLink");
    if (link.is_null()) {
        return std::string();
    }
    return link.is_string() ? std::optional(link.get<std::string>()) : std::nullopt;
}

}  // namespace

Parsed<json> parse_arm_page(std::string_view body) {
    std::optional<json> document = parse_json(body);
    if (!document || !document->is_object()) {
        return std::nullopt;
    }
    Page<json> page;
    if (!document->contains("value")) {
        if (!json_at(*document, "properties").is_object()) {
            return std::nullopt;
        }
        page.items.push_back(std::move(*document));
        return page;
    }
    const auto* items = json_list(*document, "value");
    auto next = link_of(*document);
    if (items == nullptr || !next) {
        return std::nullopt;
    }
    page.items = *items;
    page.next = std::move(*next);
    return page;
}

}  // namespace whylink::control
