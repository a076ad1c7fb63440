#include "expand.hpp"

#include <utility>

namespace whylink::netns_test {
namespace {

void expand_in_place(std::string& text, const Values& values) {
    text = expand(std::move(text), values);
}

void expand_in_place(std::map<std::string, std::string>& texts, const Values& values) {
    std::map<std::string, std::string> expanded;
    for (const auto& [key, text] : texts) {
        expanded.emplace(expand(key, values), expand(text, values));
    }
    texts = std::move(expanded);
}

void expand_in_place(std::vector<std::string>& texts, const Values& values) {
    for (auto& text : texts) {
        expand_in_place(text, values);
    }
}

}  // namespace

Values values_of_row(unsigned index, const std::string& directory) {
    const std::string number = std::to_string(index);
    const std::string v4 = "10.0." + number + ".";
    const std::string v6 = "fd00::" + number + ":";
    return {{"net", "10.0." + number},
            {"a", v4 + "1"},
            {"b", v4 + "2"},
            {"c", v4 + "3"},
            {"dns", v4 + "53"},
            {"dns2", v4 + "54"},
            {"a6", v6 + "1"},
            {"dns6", v6 + "53"},
            {"public", "203.0.113." + number},
            {"public6", "2001:db8::" + number},
            {"table", std::to_string(1000 + index)},
            {"dir", directory}};
}

std::string expand(std::string text, const Values& values) {
    for (const auto& [name, value] : values) {
        const std::string placeholder = "{" + name + "}";
        for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at)) {
            text.replace(at, placeholder.size(), value);
            at += value.size();
        }
    }
    return text;
}

Row expand(Row row, const Values& values) {
    for (auto& resolver : row.resolvers) {
        expand_in_place(resolver.address, values);
        expand_in_place(resolver.zone, values);
    }
    for (auto& server : row.servers) {
        expand_in_place(server.address, values);
    }
    for (auto& server : row.own_servers) {
        expand_in_place(server.address, values);
    }
    for (auto& visitor : row.visitors) {
        expand_in_place(visitor.from, values);
        expand_in_place(visitor.to, values);
    }
    for (auto* daemons : {&row.daemons, &row.own_daemons}) {
        for (auto& daemon : *daemons) {
            expand_in_place(daemon.argv, values);
            expand_in_place(daemon.files, values);
            expand_in_place(daemon.ready_address, values);
        }
    }
    for (std::string* text : {&row.client_rules, &row.router_rules, &row.server_rules, &row.client_ip,
                              &row.router_ip, &row.server_ip, &row.config}) {
        expand_in_place(*text, values);
    }
    expand_in_place(row.files, values);
    for (auto& seen : row.expected.probes) {
        expand_in_place(seen.where, values);
    }
    for (auto& counted : row.expected.packets) {
        expand_in_place(counted.address, values);
    }
    expand_in_place(row.arguments, values);
    expand_in_place(row.under, values);
    expand_in_place(row.target, values);
    for (auto* texts : {&row.expected.evidence, &row.expected.remediation, &row.expected.summary}) {
        expand_in_place(*texts, values);
    }
    return row;
}

}  // namespace whylink::netns_test
