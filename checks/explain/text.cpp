#include "checks/explain/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "config/applications.hpp"

namespace whylink::checks {
namespace {

std::string number_text(double value, int decimals) {
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    std::string text = buffer.data();
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

template <std::size_t Size>
std::string_view find(const std::array<std::pair<int, std::string_view>, Size>& table, int key) {
    const auto row = std::ranges::find_if(table, [key](const auto& r) { return r.first == key; });
    return row == table.end() ? std::string_view{} : row->second;
}

std::string_view icmp_v4_meaning(int type, int code) {
    constexpr std::array<std::pair<int, std::string_view>, 16> unreachable{{
        {0, "network unreachable"},
        {1, "host unreachable"},
        {2, "protocol unreachable"},
        {3, "port unreachable"},
        {4, "fragmentation needed"},
        {5, "source route failed"},
        {6, "destination network unknown"},
        {7, "destination host unknown"},
        {8, "source host isolated"},
        {9, "network administratively prohibited"},
        {10, "host administratively prohibited"},
        {11, "network unreachable for this service"},
        {12, "host unreachable for this service"},
        {13, "communication administratively prohibited"},
        {14, "host precedence violation"},
        {15, "precedence cutoff"},
    }};
    if (type == 3) {
        return find(unreachable, code);
    }
    return type == 11 ? "time exceeded" : type == 12 ? "parameter problem" : "";
}

std::string_view icmp_v6_meaning(int type, int code) {
    constexpr std::array<std::pair<int, std::string_view>, 8> unreachable{{
        {0, "no route to destination"},
        {1, "communication administratively prohibited"},
        {2, "beyond scope of source address"},
        {3, "address unreachable"},
        {4, "port unreachable"},
        {5, "source address failed ingress or egress policy"},
        {6, "reject route to destination"},
        {7, "error in source routing header"},
    }};
    if (type == 1) {
        return find(unreachable, code);
    }
    return type == 2 ? "packet too big" : type == 3 ? "time exceeded" : type == 4 ? "parameter problem" : "";
}

}  // namespace

std::string duration_text(probes::Nanoseconds duration) {
    const double milliseconds = static_cast<double>(duration.count()) / 1e6;
    if (milliseconds >= 1000) {
        return number_text(milliseconds / 1000, 2) + " s";
    }
    return number_text(milliseconds, milliseconds < 10 ? 2 : 1) + " ms";
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
    return name == nullptr ? "errno " + std::to_string(error) : name + (" (" + std::to_string(error) + ")");
}

std::string time_text(probes::WallClock::time_point time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{seconds - day};
    std::array<char, 80> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return buffer.data();
}

std::string count_text(std::uint64_t count, std::string_view noun) {
    std::string text = std::to_string(count) + " ";
    text += noun;
    return count == 1 ? text : text + "s";
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

std::string addresses_text(const std::vector<IpAddress>& addresses) {
    constexpr std::size_t most = 8;
    std::vector<std::string> parts;
    for (const IpAddress& address : addresses) {
        if (parts.size() == most) {
            parts.push_back(std::to_string(addresses.size() - most) + " more");
            break;
        }
        parts.push_back(address.to_string());
    }
    return join(parts);
}

std::string bytes_text(std::string_view bytes) {
    return "\"" + printable(bytes, 40) + "\"";
}

std::string printable(std::string_view bytes, std::size_t most) {
    std::string text;
    for (const char byte : bytes) {
        if (text.size() >= most) {
            text += "…";
            break;
        }
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\r' || byte == '\n') {
            text += byte == '\r' ? "\\r" : "\\n";
        } else if (value >= 0x20 && value < 0x7f) {
            text += byte;
        } else {
            std::array<char, 8> buffer{};
            std::snprintf(buffer.data(), buffer.size(), "\\x%02x", value);
            text += buffer.data();
        }
    }
    return text;
}

std::string protocol_title(std::string_view protocol) {
    const auto app = from_slug<config::App>(protocol);
    if (app && !title(*app).empty()) {
        return std::string(title(*app));
    }
    return protocol.empty() ? "application" : printable(protocol, 40);
}

std::string reply_text(const probes::AppFacts& facts) {
    constexpr std::size_t most = 200;
    const std::string words = printable(facts.said, most);
    const std::string code = facts.status ? std::to_string(*facts.status) : std::string();
    if (code.empty() || words.find(code) != std::string::npos) {
        return words;
    }
    return "code " + code + (words.empty() ? "" : ", " + words);
}

std::string rcode_text(int rcode) {
    constexpr std::array<std::pair<int, std::string_view>, 12> names{{
        {0, "NOERROR"},
        {1, "FORMERR"},
        {2, "SERVFAIL"},
        {3, "NXDOMAIN"},
        {4, "NOTIMP"},
        {5, "REFUSED"},
        {6, "YXDOMAIN"},
        {7, "YXRRSET"},
        {8, "NXRRSET"},
        {9, "NOTAUTH"},
        {10, "NOTZONE"},
        {16, "BADVERS"},
    }};
    const std::string_view name = find(names, rcode);
    return name.empty() ? "RCODE " + std::to_string(rcode) : std::string(name);
}

std::string icmp_text(const probes::IcmpError& icmp) {
    std::string text = icmp.v6 ? "ICMPv6 " : "ICMP ";
    text += std::to_string(icmp.type) + "/" + std::to_string(icmp.code);
    const std::string_view meaning =
        icmp.v6 ? icmp_v6_meaning(icmp.type, icmp.code) : icmp_v4_meaning(icmp.type, icmp.code);
    if (!meaning.empty()) {
        text += " (";
        text += meaning;
        text += ")";
    }
    if (icmp.local) {
        return text + " from this VM itself";
    }
    return icmp.sender ? text + " from " + icmp.sender->to_string() : text;
}

std::string alert_text(std::uint8_t description) {
    constexpr std::array<std::pair<int, std::string_view>, 34> names{{
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
    }};
    const std::string_view name = find(names, description);
    return (name.empty() ? "alert" : std::string(name)) + " (" + std::to_string(description) + ")";
}

}  // namespace whylink::checks
