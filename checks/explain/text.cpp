#include "checks/explain/text.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <span>

#include "config/applications.hpp"
#include "config/outside_text.hpp"

namespace whylink::checks {
namespace {

/// No more digits than matter: "0.04", "0.3", "3.4", "12", "250".
std::string number_text(double value) {
    if (value >= 9.95) {
        return fmt::format("{:.0f}", value);
    }
    std::string text = fmt::format("{:.{}f}", value, value < 0.095 ? 2 : 1);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

/// Empty for a number without a name.
std::string_view name_of(int number, std::span<const std::pair<int, std::string_view>> names) {
    const auto row = std::ranges::find(names, number, &std::pair<int, std::string_view>::first);
    return row == names.end() ? std::string_view{} : row->second;
}

std::string_view at(std::size_t code, std::span<const std::string_view> meanings) {
    return code < meanings.size() ? meanings[code] : std::string_view{};
}

std::string_view icmp_v4_meaning(int type, std::size_t code) {
    constexpr std::string_view unreachable[]{
        "network unreachable",
        "host unreachable",
        "protocol unreachable",
        "port unreachable",
        "fragmentation needed",
        "source route failed",
        "destination network unknown",
        "destination host unknown",
        "source host isolated",
        "network administratively prohibited",
        "host administratively prohibited",
        "network unreachable for this service",
        "host unreachable for this service",
        "communication administratively prohibited",
        "host precedence violation",
        "precedence cutoff",
    };
    return type == 3    ? at(code, unreachable)
           : type == 11 ? "time exceeded"
           : type == 12 ? "parameter problem"
                        : "";
}

std::string_view icmp_v6_meaning(int type, std::size_t code) {
    constexpr std::string_view unreachable[]{
        "no route to destination",
        "communication administratively prohibited",
        "beyond scope of source address",
        "address unreachable",
        "port unreachable",
        "source address failed ingress or egress policy",
        "reject route to destination",
        "error in source routing header",
    };
    return type == 1   ? at(code, unreachable)
           : type == 2 ? "packet too big"
           : type == 3 ? "time exceeded"
           : type == 4 ? "parameter problem"
                       : "";
}

}  // namespace

std::string duration_text(probes::Nanoseconds duration) {
    const double milliseconds = static_cast<double>(duration.count()) / 1e6;
    if (milliseconds >= 995) {
        return number_text(milliseconds / 1000) + " s";
    }
    return number_text(milliseconds < 99.5 ? milliseconds : std::round(milliseconds / 10) * 10) + " ms";
}

std::string span_text(std::chrono::seconds duration) {
    const auto seconds = static_cast<std::uint64_t>(std::max<std::chrono::seconds::rep>(duration.count(), 0));
    if (seconds >= 86400) {
        return count_text(seconds / 86400, "day");
    }
    return seconds >= 3600 ? count_text(seconds / 3600, "hour") : count_text(seconds / 60, "minute");
}

std::string errno_text(int error) {
    const char* name = strerrorname_np(error);
    return name == nullptr ? fmt::format("errno {}", error) : fmt::format("{} ({})", name, error);
}

std::string time_text(probes::WallClock::time_point time) {
    return fmt::format("{:%F %T} UTC", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(time)));
}

std::string count_text(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string join(const std::vector<std::string>& parts, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            text += i + 1 == parts.size() ? last : std::string_view{", "};
        }
        text += parts[i];
    }
    return text;
}

std::string join_first(std::size_t most, std::vector<std::string> parts, std::size_t further) {
    if (parts.size() > most) {
        further += parts.size() - most;
        parts.resize(most);
    }
    if (further > 0) {
        parts.push_back(fmt::format("{} more", further));
    }
    return join(parts);
}

std::string addresses_text(const std::vector<IpAddress>& addresses) {
    std::vector<std::string> parts;
    std::ranges::transform(addresses, std::back_inserter(parts), &IpAddress::to_string);
    return join_first(8, std::move(parts));
}

void append(std::string& text, std::string_view part, std::string_view separator) {
    text += text.empty() || part.empty() ? "" : separator;
    text += part;
}

std::string stream_text(std::uint64_t sent, std::uint64_t received, int error) {
    const std::string counts =
        received == 0 ? ", 0 bytes received" : fmt::format(", {} B sent, {} received", sent, received);
    return error == 0 || error == ECONNRESET ? counts : counts + ", " + errno_text(error);
}

std::string bytes_text(std::string_view bytes) {
    constexpr std::size_t most = 40;
    std::string text = "\"";
    for (const char byte : bytes) {
        if (text.size() > most) {
            text += "…";
            break;
        }
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\r' || byte == '\n') {
            text += byte == '\r' ? "\\r" : "\\n";
        } else if (value >= 0x20 && value < 0x7f) {
            text += byte;
        } else {
            text += fmt::format("\\x{:02x}", value);
        }
    }
    return text + "\"";
}

std::string protocol_title(std::string_view protocol) {
    const auto app = from_slug<config::App>(protocol);
    if (app && !title(*app).empty()) {
        return std::string(title(*app));
    }
    return protocol.empty() ? "application" : shortened(protocol, 40);
}

std::string reply_text(const probes::AppFacts& facts) {
    std::string words = shortened(facts.said, max_outside_text);
    const std::string code = facts.status ? std::to_string(*facts.status) : std::string();
    if (code.empty() || words.find(code) != std::string::npos) {
        return words;
    }
    return fmt::format("code {}{}{}", code, words.empty() ? "" : ", ", words);
}

std::string rcode_text(int rcode) {
    constexpr std::pair<int, std::string_view> names[]{
        {0, "NOERROR"},  {1, "FORMERR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {4, "NOTIMP"},   {5, "REFUSED"},
        {6, "YXDOMAIN"}, {7, "YXRRSET"}, {8, "NXRRSET"},  {9, "NOTAUTH"},  {10, "NOTZONE"}, {16, "BADVERS"},
    };
    const std::string_view name = name_of(rcode, names);
    return name.empty() ? fmt::format("RCODE {}", rcode) : std::string(name);
}

std::string icmp_text(const probes::IcmpError& icmp) {
    const std::string_view meaning =
        icmp.v6 ? icmp_v6_meaning(icmp.type, icmp.code) : icmp_v4_meaning(icmp.type, icmp.code);
    return fmt::format("{} {}/{}{}{}", icmp.v6 ? "ICMPv6" : "ICMP", icmp.type, icmp.code,
                       meaning.empty() ? "" : fmt::format(" ({})", meaning),
                       icmp.local    ? " from this host"
                       : icmp.sender ? " from " + icmp.sender->to_string()
                                     : "");
}

std::string alert_text(std::uint8_t description) {
    constexpr std::pair<int, std::string_view> names[]{
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {21, "decryption_failed"},
        {22, "record_overflow"},
        {30, "decompression_failure"},
        {40, "handshake_failure"},
        {41, "no_certificate"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {60, "export_restriction"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {100, "no_renegotiation"},
        {109, "missing_extension"},
        {110, "unsupported_extension"},
        {111, "certificate_unobtainable"},
        {112, "unrecognized_name"},
        {113, "bad_certificate_status_response"},
        {114, "bad_certificate_hash_value"},
        {115, "unknown_psk_identity"},
        {116, "certificate_required"},
        {120, "no_application_protocol"},
    };
    const std::string_view name = name_of(description, names);
    return fmt::format("{} ({})", name.empty() ? "alert" : name, description);
}

}  // namespace whylink::checks
