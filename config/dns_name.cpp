#include "config/dns_name.hpp"

#include <algorithm>

#include "config/ascii.hpp"

namespace whylink {
namespace {

// RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters of text; labels are at most 63.
constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;

bool is_name_character(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

std::string character_fault(char c) {
    if (c == ' ') {
        return "it has a space";
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
        return "international names need their ASCII form (xn--...)";
    }
    if (is_control(c)) {
        return "it has a control character";
    }
    return std::string("'") + c + "' is not allowed in a host name";
}

Fault label_fault(std::string_view label) {
    if (label.empty()) {
        return "it has an empty label";
    }
    const auto bad = std::ranges::find_if_not(label, is_name_character);
    if (bad != label.end()) {
        return character_fault(*bad);
    }
    if (label.size() > max_label) {
        return "a label has " + std::to_string(label.size()) + " characters, the maximum is 63";
    }
    if (label.front() == '-' || label.back() == '-') {
        return "a label starts or ends with a hyphen";
    }
    return std::nullopt;
}

std::string_view without_trailing_dot(std::string_view name) {
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    return name;
}

}  // namespace

std::vector<std::string_view> labels_of(std::string_view name) {
    std::vector<std::string_view> labels;
    while (true) {
        const std::size_t dot = name.find('.');
        labels.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) {
            return labels;
        }
        name.remove_prefix(dot + 1);
    }
}

Fault host_name_fault(std::string_view name) {
    name = without_trailing_dot(name);
    if (name.empty()) {
        return "it is empty";
    }
    if (name.size() > max_name) {
        return "it has " + std::to_string(name.size()) + " characters, the maximum is 253";
    }
    const auto labels = labels_of(name);
    for (const std::string_view label : labels) {
        if (auto fault = label_fault(label)) {
            return fault;
        }
    }
    // RFC 1123 section 2.1: a name cannot be mistaken for a dotted quad, because its last label is not a
    // number.
    if (std::ranges::all_of(labels.back(), is_digit)) {
        return "a name cannot end in a number";
    }
    return std::nullopt;
}

std::string canonical_name(std::string_view name) {
    return lower_case(without_trailing_dot(name));
}

}  // namespace whylink
