#include "daemon/report/probe_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/explain/text.hpp"

namespace whylink::daemon {

std::string resolver_text(const probes::DnsFacts& facts) {
    if (facts.source == probes::NameSource::hosts_file) {
        return "/etc/hosts";
    }
    return endpoint_text(facts.resolver, facts.resolver_port);
}

std::string watch_text(const config::Watch& watch) {
    const std::string port = watch.port == 0 ? "any port" : fmt::format("port {}", watch.port);
    return fmt::format("{} to {}", slug(watch.direction), port);
}

std::string alert_name(std::uint8_t description) {
    const std::string text = checks::alert_text(description);
    const std::size_t number = text.find(" (");
    return number == std::string::npos ? fmt::format("alert {}", description) : text.substr(0, number);
}

std::vector<probes::DnsAnswer> answers_of(const probes::DnsFacts& facts) {
    std::vector<probes::DnsAnswer> answers;
    for (const probes::DnsQuery& query : facts.queries) {
        for (const probes::DnsAnswer& answer : query.answers) {
            if (std::ranges::find(answers, answer.address, &probes::DnsAnswer::address) == answers.end()) {
                answers.push_back(answer);
            }
        }
    }
    return answers;
}

std::vector<std::string> cnames_of(const probes::DnsFacts& facts) {
    std::vector<std::string> names;
    for (const probes::DnsQuery& query : facts.queries) {
        for (const std::string& name : query.cnames) {
            if (std::ranges::find(names, name) == names.end()) {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::string escaped_bytes(std::string_view bytes) {
    std::string result;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\') {
            result += "\\\\";
        } else if (c == '\r') {
            result += "\\r";
        } else if (c == '\n') {
            result += "\\n";
        } else if (c == '\t') {
            result += "\\t";
        } else if (byte >= 0x20 && byte < 0x7f) {
            result += c;
        } else {
            result += fmt::format("\\x{:02x}", byte);
        }
    }
    return result;
}

}  // namespace whylink::daemon
