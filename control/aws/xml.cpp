#include "control/aws/xml.hpp"

#include <charconv>

#include "config/outside_text.hpp"

namespace whylink::control {

namespace {

/// pugixml's tree is walked by recursion when it is destroyed.
bool is_too_deep(std::string_view body) {
    int depth = 0;
    for (std::size_t at = body.find('<'); at != std::string_view::npos; at = body.find('<', at + 1)) {
        const char next = at + 1 < body.size() ? body[at + 1] : '\0';
        if (next == '?' || next == '!') {
            continue;
        }
        const std::size_t end = body.find('>', at);
        const bool is_empty = end != std::string_view::npos && end > at && body[end - 1] == '/';
        depth += next == '/' ? -1 : is_empty ? 0 : 1;
        if (depth > max_xml_depth) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool parse_xml(pugi::xml_document& document, std::string_view body, std::string_view root) {
    if (is_too_deep(body)) {
        return false;
    }
    constexpr unsigned options = pugi::parse_minimal | pugi::parse_escapes | pugi::parse_eol;
    const pugi::xml_parse_result parsed =
        document.load_buffer(body.data(), body.size(), options, pugi::encoding_utf8);
    return parsed && document.document_element().name() == root;
}

std::string text_of(const pugi::xml_node& node, const char* child) {
    return outside_text(node.child_value(child));
}

std::optional<bool> bool_of(const pugi::xml_node& node, const char* child) {
    const std::string_view text = node.child_value(child);
    if (text == "true" || text == "false") {
        return text == "true";
    }
    return std::nullopt;
}

std::optional<std::uint32_t> number_of(const pugi::xml_node& node, const char* child) {
    const std::string_view text = node.child_value(child);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

std::vector<std::string> texts_of(const pugi::xml_node& node, const char* list, const char* child) {
    std::vector<std::string> texts;
    for (const pugi::xml_node& item : items_of(node, list)) {
        texts.push_back(outside_text(child == nullptr ? item.child_value() : item.child_value(child)));
    }
    return texts;
}

std::vector<pugi::xml_node> items_of(const pugi::xml_node& node, const char* list) {
    std::vector<pugi::xml_node> items;
    for (const pugi::xml_node& item : node.child(list).children()) {
        const std::string_view name = item.name();
        if ((name == "item" || name == "member") && items.size() < max_items) {
            items.push_back(item);
        }
    }
    return items;
}

}  // namespace whylink::control
