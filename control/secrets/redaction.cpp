#include "control/secrets/redaction.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "control/http/call.hpp"
#include "control/secrets/base64.hpp"

namespace whylink::control {

namespace {

constexpr std::size_t shortest_secret = 8;

bool ends_value(char c) {
    return c == '&' || c == '"' || c == '\'' || c == '<' || c == ',' || c == ';' || c == ')' || c == '}' ||
           c == '\\' || static_cast<unsigned char>(c) <= ' ';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_name(std::string_view text, std::string_view name) {
    if (text.size() < name.size()) {
        return false;
    }
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (lower(text[i]) != name[i]) {
            return false;
        }
    }
    return true;
}

/// Names behind which a secret stands, in URLs, headers, XML, JSON and INI files; in lower case.
constexpr std::array<std::string_view, 19> secret_names{"authorization",
                                                        "x-amz-security-token",
                                                        "x-amz-signature",
                                                        "x-amz-credential",
                                                        "signature",
                                                        "secretaccesskey",
                                                        "sessiontoken",
                                                        "access_token",
                                                        "accesstoken",
                                                        "refresh_token",
                                                        "client_secret",
                                                        "client_assertion",
                                                        "aws_session_token",
                                                        "identity-header",
                                                        "x-identity-header",
                                                        "aws_secret_access_key",
                                                        "x-aws-ec2-metadata-token",
                                                        "webidentitytoken",
                                                        "id_token"};

/// The length of the value that begins at `at`, behind a separator; none where no value of a secret stands there.
std::optional<std::pair<std::size_t, std::size_t>> value_behind(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    // "name": …, and the same within a string of JSON.
    if (text.substr(begin).starts_with("\\\"")) {
        begin += 2;
    } else if (text.substr(begin).starts_with('"')) {
        ++begin;
    }
    while (begin < text.size() && text[begin] == ' ') {
        ++begin;
    }
    if (begin >= text.size() || (text[begin] != '=' && text[begin] != ':' && text[begin] != '>')) {
        return std::nullopt;
    }
    ++begin;
    // Within JSON a quotation mark is behind a backslash.
    while (begin < text.size() && std::string_view(" \"'\\").find(text[begin]) != std::string_view::npos) {
        ++begin;
    }
    std::size_t end = begin;
    while (end < text.size() && !ends_value(text[end])) {
        ++end;
    }
    return std::pair(begin, end);
}

/// "Bearer …", "Basic …": the word behind a scheme is the secret, and the rest of AWS' header as well.
std::size_t end_of_authorization(std::string_view text, std::size_t begin) {
    const std::size_t end = text.find_first_of("\r\n\"'<", begin);
    return end == std::string_view::npos ? text.size() : end;
}

/// Three parts in base64url with dots between, the first of which is JSON.
std::size_t length_of_jwt(std::string_view text) {
    if (!text.starts_with("eyJ")) {
        return 0;
    }
    const std::size_t end =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    const std::string_view token = text.substr(0, end);
    constexpr std::size_t shortest = 40;
    return token.find('.') == std::string_view::npos || token.size() < shortest ? 0 : token.size();
}

std::string without_what_looks_like_one(std::string_view text) {
    std::string made;
    made.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t length = length_of_jwt(text.substr(at)); length > 0) {
            made += redacted;
            at += length;
            continue;
        }
        bool found = false;
        for (const std::string_view name : secret_names) {
            if (!starts_with_name(text.substr(at), name)) {
                continue;
            }
            const auto value = value_behind(text, at + name.size());
            if (!value || value->first == value->second) {
                continue;
            }
            made += text.substr(at, value->first - at);
            made += redacted;
            at = name == "authorization" ? end_of_authorization(text, value->first) : value->second;
            found = true;
            break;
        }
        if (!found) {
            made += text[at++];
        }
    }
    return made;
}

/// As it stands in a string of JSON.
std::string json_escaped(std::string_view text) {
    std::string made;
    for (const char c : text) {
        made += c == '"' || c == '\\' ? "\\" : "";
        made += c;
    }
    return made;
}

void replace_all(std::string& text, std::string_view what) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), redacted);
        at += redacted.size();
    }
}

}  // namespace

bool Redaction::Longer::operator()(const std::string& one, const std::string& other) const {
    return one.size() != other.size() ? one.size() > other.size() : one < other;
}

void Redaction::remember(std::string form) {
    known_[std::move(form)] = ++learned_;
    if (known_.size() > max_redacted_forms) {
        known_.erase(std::ranges::min_element(known_, {}, [](const auto& known) { return known.second; }));
    }
}

void Redaction::learn(const Secret& secret) {
    const std::string_view text = secret.reveal();
    if (text.size() < shortest_secret) {
        return;
    }
    const std::lock_guard lock(mutex_);
    remember(std::string(text));
    remember(percent_encoded(text));
    remember(base64(text));
    remember(json_escaped(text));
}

std::string Redaction::apply(std::string_view text) const {
    std::string made(text);
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [secret, learned] : known_) {
            replace_all(made, secret);
        }
    }
    return without_what_looks_like_one(made);
}

}  // namespace whylink::control
