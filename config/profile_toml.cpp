// A profile as TOML, to be read and to be copied.
#include <string>

#include "config/document.hpp"
#include "config/profile_file.hpp"

namespace whylink::config {
namespace {

std::string text_line(std::string_view key, const std::string& value) {
    return value.empty() ? "" : std::string(key) + " = " + toml_string(value) + "\n";
}

std::string flag_line(std::string_view key, bool value) {
    return std::string(key) + " = " + (value ? "true" : "false") + "\n";
}

std::string list(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) {
        return "";
    }
    std::string result = std::string(key) + " = [\n";
    for (const std::string& value : values) {
        result += "  " + toml_string(value) + ",\n";
    }
    return result + "]\n";
}

std::string ports_line(const std::vector<std::uint16_t>& ports) {
    std::string result;
    for (const std::uint16_t port : ports) {
        result += (result.empty() ? "" : ", ") + std::to_string(port);
    }
    return "ports = [" + result + "]\n";
}

/// None is said too: else those of `extends` would be taken over.
std::string hosts_lines(const Profile& profile) {
    return profile.hosts.empty() ? "hosts = []\n" : list("hosts", profile.hosts);
}

std::string tables(const Profile& profile) {
    std::string result;
    if (!profile.port_apps.empty()) {
        result += "\n[port_apps]\n";
    }
    for (const auto& [port, app] : profile.port_apps) {
        result += std::to_string(port) + " = " + toml_string(slug(app)) + "\n";
    }
    if (!profile.looks.empty()) {
        result += "\n[looks]\n";
    }
    for (const auto& [key, text] : profile.looks) {
        result += text_line(key, text);
    }
    for (const Remedy& remedy : profile.remedies) {
        result += "\n[[remedy]]\n" + text_line("cause", remedy.cause);
        if (remedy.side != Side::either) {
            result += text_line("side", std::string(slug(remedy.side)));
        }
        if (remedy.complete) {
            result += flag_line("complete", true);
        }
        result += remedy.steps.empty() ? "steps = []\n" : list("steps", remedy.steps);
    }
    return result;
}

}  // namespace

std::string profile_toml(const Profile& profile) {
    return text_line("name", profile.name) + text_line("title", profile.title) +
           text_line("extends", profile.extends) +
           text_line("provider", std::string(slug(profile.provider))) + ports_line(profile.ports) +
           flag_line("tls", profile.tls) + text_line("app", std::string(slug(profile.app))) +
           flag_line("allow_list", profile.has_allow_list) + hosts_lines(profile) +
           text_line("public_host", profile.public_host) + text_line("zone", profile.zone) +
           text_line("endpoint_id", profile.endpoint_id) + text_line("service", profile.service) +
           list("limits", profile.limits) + list("sources", profile.sources) + tables(profile);
}

}  // namespace whylink::config
