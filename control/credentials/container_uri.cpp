#include "control/credentials/container_uri.hpp"

#include <string>

namespace whylink::control {

namespace {

/// scheme://host[:port]/path[?query]; an IPv6 address in brackets. What of it may be sent is up to make_request().
std::optional<Call> call_of(Op op, const char* host_name, std::string_view uri) {
    const std::size_t scheme_end = uri.find("://");
    if (scheme_end == std::string_view::npos || uri.find_first_of("@#") != std::string_view::npos) {
        return std::nullopt;
    }
    Call call;
    call.op = op;
    call.path.emplace_back("scheme", uri.substr(0, scheme_end));
    uri.remove_prefix(scheme_end + 3);
    const std::size_t slash = uri.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view authority = uri.substr(0, slash);
    std::string_view rest = uri.substr(slash + 1);
    const std::size_t bracket = authority.find(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        call.path.emplace_back("port", authority.substr(colon + 1));
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']')) {
        authority = authority.substr(1, authority.size() - 2);
    }
    call.path.emplace_back(host_name, authority);
    const std::size_t mark = rest.find('?');
    call.path.emplace_back("item", rest.substr(0, mark));
    if (mark != std::string_view::npos) {
        call.raw_query = std::string(rest.substr(mark + 1));
    }
    return call;
}

}  // namespace

std::optional<Call> container_call(std::string_view uri) {
    return call_of(Op::aws_container_credentials, "container", uri);
}

std::optional<Call> identity_call(std::string_view uri) {
    return call_of(Op::azure_identity_token, "identity", uri);
}

}  // namespace whylink::control
