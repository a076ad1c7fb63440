// What all parsers of AWS have in common: a root, a list, and the token of the next page.
#pragma once

#include <string_view>
#include <utility>

#include "control/aws/xml.hpp"
#include "control/page.hpp"

namespace whylink::control {

/// Where a response has what is read.
struct PageShape {
    const char* root;              ///< DescribeVpcEndpointsResponse
    const char* list;              ///< vpcEndpointSet
    const char* result = nullptr;  ///< of ELB, around the list
    const char* next = "nextToken";
    const char* item = nullptr;  ///< of Route 53, whose items have a name of their own
};

inline constexpr PageShape ec2_page(const char* root, const char* list) {
    return {root, list};
}

inline constexpr PageShape elb_page(const char* root, const char* result, const char* list) {
    return {root, list, result, "NextMarker"};
}

/// `parse_item` makes a T of an element. Nothing where the list is missing: an empty one is there.
template <class T, class ParseItem>
Parsed<T> parse_page(std::string_view body, const PageShape& shape, const ParseItem& parse_item) {
    pugi::xml_document document;
    if (!parse_xml(document, body, shape.root)) {
        return std::nullopt;
    }
    const pugi::xml_node root = document.document_element();
    const pugi::xml_node parent = shape.result != nullptr ? root.child(shape.result) : root;
    const auto items = items_of(parent, shape.list, shape.item);
    auto next = token_of(parent, shape.next);
    if (!parent.child(shape.list) || items.size() > max_items || !next) {
        return std::nullopt;
    }
    Page<T> page;
    page.items.reserve(items.size());
    for (const pugi::xml_node& item : items) {
        page.items.push_back(parse_item(item));
    }
    page.next = std::move(*next);
    return page;
}

}  // namespace whylink::control
