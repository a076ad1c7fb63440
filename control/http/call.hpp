// A call of an operation, and the request that becomes of it. Only make_request() makes requests, so whatever is sent
// has a row in the table of operations.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "control/http/operations.hpp"
#include "control/secrets/secret.hpp"

namespace whylink::control {

using Pair = std::pair<std::string, std::string>;

/// An operation and its values, nothing secret: calls are keys of what is remembered.
struct Call {
    Op op{};
    std::vector<Pair> path;   ///< of placeholders in host and path
    std::vector<Pair> query;  ///< of the URL; sent in byte order of the names
    /// Of a body: AWS' form (`Action` and `Version` are added) or, of ARM, JSON text under the name "".
    std::vector<Pair> form;
    /// The next page's whole query where a link gave it (ARM); replaces `query`.
    std::optional<std::string> raw_query;
    bool operator==(const Call&) const = default;
    auto operator<=>(const Call&) const = default;
};

struct Header {
    std::string name;
    Secret value;  ///< it may be one
};

/// What is sent. https, but for metadata and container addresses.
struct HttpRequest {
    Op op{};
    Method method = Method::get;
    std::string scheme = "https";
    std::string host;
    std::uint16_t port = 443;
    std::string path;   ///< encoded
    std::string query;  ///< encoded, without "?"
    std::vector<Header> headers;
    Secret body;  ///< a form of Entra has a client's secret
    bool through_proxy = true;
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds connect_timeout{3'000};
};

/// "https://host/path?query", for redacted messages alone.
std::string url_of(const HttpRequest& request);

/// Why a call makes no request: a value that may not stand where it is. A fault of what an answer or the config said.
struct Refused {
    std::string reason;
};

std::variant<HttpRequest, Refused> make_request(const Call& call);

/// The call for the next page by a link of an answer (`nextLink`): the same operation, host and path, and only another
/// query. None where it is another host, path or scheme: the listing ends, and absence proves nothing.
std::optional<Call> follow(const Call& call, std::string_view link);
/// The operation's result by the `Location` of a 202 (ARM): the same host, and a path of arm_operation_result.
std::optional<Call> follow_location(const Call& call, std::string_view link);

/// RFC 3986: everything but unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace whylink::control
