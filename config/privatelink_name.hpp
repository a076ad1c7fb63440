// Names of private links by their form.
#pragma once

#include <string_view>

namespace whylink::config {

/// One of its labels is `privatelink`: Azure's zones, and those that vendors name after them
/// (x.privatelink.snowflakecomputing.com). `name` is canonical (config/dns_name.hpp).
constexpr bool is_privatelink_name(std::string_view name) {
    constexpr std::string_view label = "privatelink";
    while (!name.empty()) {
        const std::string_view first = name.substr(0, name.find('.'));
        if (first == label) {
            return true;
        }
        name.remove_prefix(first.size() == name.size() ? first.size() : first.size() + 1);
    }
    return false;
}

}  // namespace whylink::config
