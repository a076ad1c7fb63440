// What all parsers of Azure have in common: one resource, or a page of them with the link to the next.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "control/outside_json.hpp"
#include "control/page.hpp"

namespace whylink::control {

/// The elements of a document and its `nextLink`; nothing where it has neither `value` nor the properties of a resource.
Parsed<nlohmann::json> parse_arm_page(std::string_view body);

/// `make` gives a T of an element, or nothing where it cannot be told what the element is: then the page is not what it
/// should be.
template <class T, class Make>
Parsed<T> parse_arm(std::string_view body, const Make& make) {
    const Parsed<nlohmann::json> document = parse_arm_page(body);
    if (!document) {
        return std::nullopt;
    }
    Page<T> page;
    page.next = document->next;
    page.items.reserve(document->items.size());
    for (const nlohmann::json& item : document->items) {
        std::optional<T> made = make(item);
        if (!made) {
            return std::nullopt;
        }
        page.items.push_back(std::move(*made));
    }
    return page;
}

}  // namespace whylink::control
