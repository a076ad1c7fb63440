#include "control/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/reading.hpp"

namespace whylink::control {

namespace {

std::string record_text(const DnsRecord& record) {
    return record.alias.empty()
               ? fmt::format("{} {} {}", record.name, record.type, fmt::join(record.values, " "))
               : fmt::format("{} {} alias {}", record.name, record.type, record.alias);
}

}  // namespace

void add_flag(Read& read, std::string_view name, std::optional<bool> value) {
    if (value) {
        add_word(read, name, *value ? "true" : "false");
    }
}

std::vector<std::string> address_texts(const Endpoint& endpoint) {
    std::vector<std::string> texts;
    for (const Interface& interface : endpoint.interfaces.items) {
        for (const IpAddress& address : interface.addresses) {
            texts.push_back(address.to_string());
        }
    }
    return texts;
}

std::vector<std::string> record_texts(const std::vector<DnsRecord>& records) {
    std::vector<std::string> texts;
    texts.reserve(records.size());
    for (const DnsRecord& record : records) {
        texts.push_back(record_text(record));
    }
    return texts;
}

std::vector<std::string> ids_of(const std::vector<Principal>& principals) {
    std::vector<std::string> ids;
    ids.reserve(principals.size());
    for (const Principal& principal : principals) {
        ids.push_back(principal.id);
    }
    return ids;
}

}  // namespace whylink::control
