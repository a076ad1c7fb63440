#include "control/aws/xml.hpp"

#include <algorithm>
#include <chrono>

#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "config/outside_text.hpp"
#include "control/credentials/rfc3339.hpp"

namespace whylink::control {

namespace {

bool is_small_enough(std::string_view body) {
    const auto marks = std::ranges::count_if(body, [](char c) { return c == '<' || c == '='; });
    return static_cast<std::size_t>(marks) <= max_xml_marks;
}

/// Without recursion: the depth is the sender's choice.
bool is_shallow(const pugi::xml_document& document) {
    int depth = 0;
    pugi::xml_node node = document.first_child();
    while (node) {
        if (node.first_child()) {
            if (++depth > max_xml_depth) {
                return false;
            }
            node = node.first_child();
            continue;
        }
        while (node && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        node = node.next_sibling();
    }
    return true;
}

}  // namespace

bool parse_xml(pugi::xml_document& document, std::string_view body) {
    // AWS sends no DTD, and what has one is not of AWS.
    if (body.find("<!DOCTYPE") != std::string_view::npos || !is_small_enough(body)) {
        return false;
    }
    const pugi::xml_parse_result result =
        document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
    return result && is_shallow(document);
}

bool parse_xml(pugi::xml_document& document, std::string_view body, std::string_view root) {
    return parse_xml(document, body) && document.document_element().name() == root;
}

std::string text_of(const pugi::xml_node& node, const char* child) {
    return outside_text(node.child(child).text().get());
}

std::optional<bool> bool_of(const pugi::xml_node& node, const char* child) {
    const std::string_view text = node.child(child).text().get();
    if (text == "true" || text == "on") {
        return true;
    }
    return text == "false" || text == "off" ? std::optional(false) : std::nullopt;
}

std::optional<std::uint32_t> number_of(const pugi::xml_node& node, const char* child) {
    return parse_number<std::uint32_t>(node.child(child).text().get());
}

std::optional<Time> time_of(const pugi::xml_node& node, const char* child) {
    const auto time = parse_rfc3339(node.child(child).text().get());
    return time ? std::optional(std::chrono::time_point_cast<std::chrono::milliseconds>(*time))
                : std::nullopt;
}

std::string name_of(const pugi::xml_node& node, const char* child) {
    return canonical_name(text_of(node, child));
}

std::optional<std::string> token_of(const pugi::xml_node& node, const char* child) {
    const std::string_view token = node.child(child).text().get();
    return token.size() <= max_token ? std::optional(std::string(token)) : std::nullopt;
}

std::vector<pugi::xml_node> items_of(const pugi::xml_node& node, const char* list, const char* item) {
    std::vector<pugi::xml_node> items;
    for (const pugi::xml_node& child : node.child(list).children()) {
        const std::string_view name = child.name();
        const bool is_item = item != nullptr ? name == item : name == "item" || name == "member";
        if (is_item) {
            items.push_back(child);
        }
    }
    return items;
}

std::vector<std::string> texts_of(const pugi::xml_node& node, const char* list, const char* child) {
    std::vector<std::string> texts;
    for (const pugi::xml_node& item : items_of(node, list)) {
        std::string text = child != nullptr ? text_of(item, child) : outside_text(item.text().get());
        if (!text.empty()) {
            texts.push_back(std::move(text));
        }
    }
    return texts;
}

}  // namespace whylink::control
