// What the words of all providers have in common: how a value of a fact is written in a Read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/control/facts.hpp"

namespace whylink::control {

/// "true" or "false"; nothing where it is not known.
void add_flag(Read& read, std::string_view name, std::optional<bool> value);

/// Of what has a to_string(): addresses, networks.
template <class T>
std::vector<std::string> texts_of_all(const std::vector<T>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const T& value : values) {
        texts.push_back(value.to_string());
    }
    return texts;
}

/// Of all interfaces of the endpoint.
std::vector<std::string> address_texts(const Endpoint& endpoint);

/// "db.example.com A 10.0.3.7", "db.example.com A alias vpce-1.example.com"
std::vector<std::string> record_texts(const std::vector<DnsRecord>& records);

std::vector<std::string> ids_of(const std::vector<Principal>& principals);

}  // namespace whylink::control
