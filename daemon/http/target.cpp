#include "daemon/http/target.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/ascii.hpp"
#include "config/utf8.hpp"

namespace whylink::daemon::http {
namespace {

std::optional<char> hex_byte(std::string_view digits) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool whole = digits.size() == 2 && error == std::errc() && end == digits.data() + digits.size();
    return whole ? std::optional(static_cast<char>(value)) : std::nullopt;
}

bool is_text(std::string_view text) {
    bool good = text.find('\0') == std::string_view::npos;
    for_each_character(
        text, [](char32_t, std::string_view) {}, [&good](unsigned char) { good = false; });
    return good;
}

/// "scheme://authority" of a target in absolute form is taken off it.
std::string_view take_authority(std::string_view& target) {
    const std::size_t scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) {
        return {};
    }
    target.remove_prefix(scheme + 3);
    const std::size_t path = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, path);
    target.remove_prefix(path);
    return authority;
}

bool read_query(std::string_view query, Request& request) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return false;
        }
        auto key = percent_decoded(pair.substr(0, equals), true);
        auto value = percent_decoded(pair.substr(equals + 1), true);
        if (!key || !value) {
            return false;
        }
        request.query.emplace_back(std::move(*key), std::move(*value));
    }
    return true;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            result += ' ';
        } else if (text[i] == '%') {
            const auto byte = hex_byte(text.substr(i + 1, 2));
            if (!byte) {
                return std::nullopt;
            }
            result += *byte;
            i += 2;
        } else {
            result += text[i];
        }
    }
    return is_text(result) ? std::optional(std::move(result)) : std::nullopt;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return encoded;
}

bool read_target(std::string_view target, Request& request) {
    if (const std::string_view authority = take_authority(target); !authority.empty()) {
        request.host = authority;
        if (!target.starts_with('/')) {
            request.path = "/";
        }
    }
    target = target.substr(0, target.find('#'));
    const std::string_view raw_path = target.substr(0, target.find('?'));
    target.remove_prefix(std::min(raw_path.size() + 1, target.size()));
    auto path = percent_decoded(raw_path, false);
    if (!path) {
        return false;
    }
    if (!path->empty()) {
        request.path = std::move(*path);
    }
    return request.path.starts_with('/') && read_query(target, request);
}

}  // namespace whylink::daemon::http
