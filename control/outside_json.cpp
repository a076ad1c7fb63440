#include "control/outside_json.hpp"

#include <algorithm>
#include <limits>

#include "config/ascii.hpp"
#include "config/outside_text.hpp"

namespace whylink::control {

namespace {

using nlohmann::json;

/// Asked before it is parsed, so that a small body cannot cost much memory.
bool is_too_deep(std::string_view body) {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (in_text) {
            i += c == '\\' ? 1 : 0;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_json_depth) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

const json& nothing() {
    static const json null;
    return null;
}

/// Of the texts of a list, what T::parse() takes.
template <class T>
std::vector<T> parsed(const std::vector<std::string>& texts) {
    std::vector<T> made;
    for (const std::string& text : texts) {
        if (const auto value = T::parse(text)) {
            made.push_back(*value);
        }
    }
    return made;
}

}  // namespace

std::optional<json> parse_json(std::string_view body) {
    if (is_too_deep(body)) {
        return std::nullopt;
    }
    json document = json::parse(body.begin(), body.end(), nullptr, false);
    return document.is_discarded() ? std::nullopt : std::optional(std::move(document));
}

const json& json_at(const json& value, std::string_view path) {
    const json* at = &value;
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        if (!at->is_object()) {
            return nothing();
        }
        const auto found = at->find(path.substr(0, dot));
        if (found == at->end()) {
            return nothing();
        }
        at = &*found;
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return *at;
}

std::string json_whole_text(const json& value, std::string_view path) {
    const json& at = json_at(value, path);
    return at.is_string() ? at.get<std::string>() : std::string();
}

std::string json_text(const json& value, std::string_view path) {
    const json& found = json_at(value, path);
    return found.is_string() ? outside_text(found.get_ref<const std::string&>()) : std::string();
}

std::optional<bool> json_flag(const json& value, std::string_view path) {
    const json& found = json_at(value, path);
    return found.is_boolean() ? std::optional(found.get<bool>()) : std::nullopt;
}

std::optional<std::uint32_t> json_number(const json& value, std::string_view path) {
    const json& found = json_at(value, path);
    if (found.is_string()) {
        return parse_number<std::uint32_t>(found.get_ref<const std::string&>());
    }
    if (!found.is_number_unsigned() ||
        found.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
        return std::nullopt;
    }
    return found.get<std::uint32_t>();
}

const std::vector<json>* json_list(const json& value, std::string_view path) {
    const json& found = json_at(value, path);
    if (!found.is_array()) {
        return nullptr;
    }
    const auto& items = found.get_ref<const json::array_t&>();
    const bool fits = items.size() <= max_json_items && std::ranges::all_of(items, [](const json& item) {
                          return item.is_object() || item.is_string();
                      });
    return fits ? &items : nullptr;
}

std::vector<std::string> json_texts(const json& value, std::string_view path) {
    return json_texts(value, path, {});
}

std::vector<std::string> json_texts(const json& value, std::string_view list, std::string_view member) {
    std::vector<std::string> texts;
    const auto* items = json_list(value, list);
    if (items == nullptr) {
        return texts;
    }
    for (const json& item : *items) {
        if (std::string text = json_text(item, member); !text.empty()) {
            texts.push_back(std::move(text));
        }
    }
    return texts;
}

std::vector<IpAddress> json_addresses(const json& value, std::string_view path) {
    return parsed<IpAddress>(json_texts(value, path));
}

std::vector<Cidr> json_networks(const json& value, std::string_view path) {
    return parsed<Cidr>(json_texts(value, path));
}

}  // namespace whylink::control
