#include "control/aws/sigv4.hpp"

#include <algorithm>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "config/ascii.hpp"
#include "control/secrets/hash.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// Without spaces around it, and each run of them as one.
std::string canonical_value(std::string_view text) {
    std::string made;
    for (const char c : text) {
        if (c != ' ' || (!made.empty() && made.back() != ' ')) {
            made += c;
        }
    }
    while (made.ends_with(' ')) {
        made.pop_back();
    }
    return made;
}

/// In order of the names; the values of one name are joined.
std::map<std::string, std::string> canonical_headers(const HttpRequest& request) {
    std::map<std::string, std::string> headers;
    for (const Header& header : request.headers) {
        const auto [place, is_new] = headers.try_emplace(lower_case(header.name));
        place->second += (is_new ? "" : ",") + canonical_value(header.value.reveal());
    }
    return headers;
}

/// Encodes each segment of the encoded path again: all services but S3 do so. Paths of the table have no "." segments.
std::string canonical_path(std::string_view path) {
    std::string made;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        made += percent_encoded(path.substr(at, slash - at));
        made += slash < path.size() ? "/" : "";
        at = slash + 1;
    }
    return made.empty() ? "/" : made;
}

std::string canonical_query(std::string_view query) {
    std::vector<std::string> pairs;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        std::string pair(query.substr(0, end));
        pairs.push_back(pair.find('=') == std::string::npos ? pair + "=" : pair);
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    std::ranges::sort(pairs);
    return fmt::format("{}", fmt::join(pairs, "&"));
}

std::string time_stamp(std::chrono::system_clock::time_point now) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

bool has(const HttpRequest& request, std::string_view name) {
    return std::ranges::any_of(request.headers,
                               [&](const Header& header) { return lower_case(header.name) == name; });
}

void add_signed_headers(HttpRequest& request, const AwsCredentials& credentials,
                        std::chrono::system_clock::time_point now) {
    if (!has(request, "x-amz-date")) {
        request.headers.push_back({"X-Amz-Date", Secret(time_stamp(now))});
    }
    if (!credentials.session_token.empty() && !has(request, "x-amz-security-token")) {
        request.headers.push_back({"X-Amz-Security-Token", credentials.session_token});
    }
}

/// The key of a day, region and service.
std::string signing_key(const Secret& secret, std::string_view day, const SigningScope& scope) {
    std::string first = "AWS4" + std::string(secret.reveal());
    std::string key = hmac_sha256(first, day);
    wipe(first);
    key = hmac_sha256(key, scope.region);
    key = hmac_sha256(key, scope.service);
    return hmac_sha256(key, "aws4_request");
}

}  // namespace

Signature signature_of(const HttpRequest& given, const AwsCredentials& credentials, const SigningScope& scope,
                       std::chrono::system_clock::time_point now) {
    HttpRequest request = given;
    add_signed_headers(request, credentials, now);
    auto headers = canonical_headers(request);
    headers.try_emplace("host", request.host);
    std::string lines;
    std::string names;
    for (const auto& [name, value] : headers) {
        lines += name + ":" + value + "\n";
        names += (names.empty() ? "" : ";") + name;
    }
    Signature made;
    made.canonical_request =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", slug(request.method), canonical_path(request.path),
                    canonical_query(request.query), lines, names, hexadecimal(sha256(request.body.reveal())));
    const std::string& stamp = headers.at("x-amz-date");
    const std::string day = stamp.substr(0, 8);
    const std::string credential_scope =
        fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
    made.string_to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, stamp, credential_scope,
                                      hexadecimal(sha256(made.canonical_request)));
    std::string key = signing_key(credentials.secret_key, day, scope);
    made.authorization = Secret(fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                                            credentials.access_key_id, credential_scope, names,
                                            hexadecimal(hmac_sha256(key, made.string_to_sign))));
    wipe(key);
    return made;
}

void sign(HttpRequest& request, const AwsCredentials& credentials, const SigningScope& scope,
          std::chrono::system_clock::time_point now) {
    add_signed_headers(request, credentials, now);
    request.headers.push_back(
        {"Authorization", signature_of(request, credentials, scope, now).authorization});
}

}  // namespace whylink::control
