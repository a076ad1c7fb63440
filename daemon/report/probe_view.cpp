#include "daemon/report/probe_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/explain/text.hpp"

namespace whylink::daemon {

std::string_view stage_text(probes::Stage stage) {
    switch (stage) {
        case probes::Stage::dns:
            return "dns";
        case probes::Stage::tcp:
            return "tcp";
        case probes::Stage::tls:
            return "tls";
        case probes::Stage::app:
            return "app";
        case probes::Stage::listener:
            return "listener";
        case probes::Stage::packets:
            return "packets";
    }
    return "";
}

std::string_view reply_word(probes::AppReply reply) {
    switch (reply) {
        case probes::AppReply::none:
            return "";
        case probes::AppReply::served:
            return "served";
        case probes::AppReply::wants_credentials:
            return "wants_credentials";
        case probes::AppReply::forbidden:
            return "forbidden";
        case probes::AppReply::cannot_serve:
            return "cannot_serve";
        case probes::AppReply::unexpected:
            return "unexpected";
        case probes::AppReply::other_protocol:
            return "other_protocol";
        case probes::AppReply::wants_tls:
            return "wants_tls";
        case probes::AppReply::without_tls:
            return "without_tls";
    }
    return "";
}

std::string_view role_text(probes::NameRole role) {
    switch (role) {
        case probes::NameRole::host:
            return "host";
        case probes::NameRole::public_host:
            return "public_host";
        case probes::NameRole::known_label:
            return "known_label";
        case probes::NameRole::random_label:
            return "random_label";
        case probes::NameRole::random_two_labels:
            return "random_two_labels";
        case probes::NameRole::control:
            return "control";
    }
    return "";
}

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
