#include "control/http/call.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "config/address.hpp"

namespace whylink::control {

namespace {

constexpr std::array<std::string_view, 2> suffixes{"amazonaws.com", "amazonaws.com.cn"};
constexpr std::array<std::string_view, 3> management_hosts{
    "management.azure.com", "management.chinacloudapi.cn", "management.usgovcloudapi.net"};
constexpr std::array<std::string_view, 4> login_hosts{"login.microsoftonline.com", "login.chinacloudapi.cn",
                                                      "login.partner.microsoftonline.cn",
                                                      "login.microsoftonline.us"};
constexpr std::array<std::string_view, 2> aws_metadata_hosts{"169.254.169.254", "fd00:ec2::254"};
/// ECS, EKS Pod Identity (botocore's and the other SDKs' list), and agents on this host.
constexpr std::array<std::string_view, 3> container_hosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};

bool is_loopback(std::string_view host) {
    if (host == "localhost") {
        return true;
    }
    const auto address = IpAddress::parse(host);
    return address && (address->is_v4() ? address->bytes().front() == 127 : host == "::1");
}

/// App Service listens in link-local space, Arc and others on loopback.
bool is_identity_host(std::string_view host) {
    const auto address = IpAddress::parse(host);
    const bool link_local =
        address && address->is_v4() && address->bytes()[0] == 169 && address->bytes()[1] == 254;
    return is_loopback(host) || link_local;
}

bool is_one_of(std::span<const std::string_view> list, std::string_view value) {
    return std::ranges::find(list, value) != list.end();
}

bool host_value_fits(std::string_view name, std::string_view value) {
    if (name == "region") {
        return may_stand_in_host(value);
    }
    return (name == "suffix" && is_one_of(suffixes, value)) ||
           (name == "management" && is_one_of(management_hosts, value)) ||
           (name == "login" && is_one_of(login_hosts, value)) ||
           (name == "aws_metadata" && is_one_of(aws_metadata_hosts, value)) ||
           (name == "container" && (is_one_of(container_hosts, value) || is_loopback(value))) ||
           (name == "identity" && is_identity_host(value));
}

const std::string* find(const std::vector<Pair>& pairs, std::string_view name) {
    const auto found = std::ranges::find(pairs, name, &Pair::first);
    return found == pairs.end() ? nullptr : &found->second;
}

/// As it is in a path: a hardware address of the metadata services keeps its colons.
std::string encoded_segment(std::string_view segment) {
    std::string made;
    while (true) {
        const std::size_t colon = std::min(segment.find(':'), segment.size());
        made += percent_encoded(segment.substr(0, colon));
        if (colon == segment.size()) {
            return made;
        }
        made += ':';
        segment.remove_prefix(colon + 1);
    }
}

/// Each segment for itself: "a/b" of "{*item}".
std::optional<std::string> encoded_segments(std::string_view value) {
    std::string made;
    while (true) {
        const std::size_t slash = value.find('/');
        const std::string_view segment = value.substr(0, slash);
        // A folder of the metadata services ends in a slash.
        const bool is_last_and_empty = slash == std::string_view::npos && segment.empty() && !made.empty();
        if (!is_last_and_empty && !may_stand_in_path(segment)) {
            return std::nullopt;
        }
        made += encoded_segment(segment);
        if (slash == std::string_view::npos) {
            return made;
        }
        made += '/';
        value.remove_prefix(slash + 1);
    }
}

/// A pattern with its placeholders filled in, or which of them is wrong.
template <class Fill>
std::variant<std::string, Refused> filled(std::string_view pattern, const Fill& fill) {
    std::string made;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        made += pattern.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const std::size_t close = pattern.find('}', open);
        const std::string_view name = pattern.substr(open + 1, close - open - 1);
        const std::optional<std::string> value = fill(name);
        if (!value) {
            return Refused{"a value that no request may have: " + std::string(name)};
        }
        made += *value;
        pattern.remove_prefix(close + 1);
    }
    return made;
}

std::variant<std::string, Refused> host_of(const Call& call, const Operation& row) {
    return filled(row.host, [&](std::string_view name) -> std::optional<std::string> {
        const std::string* value = find(call.path, name);
        return value != nullptr && host_value_fits(name, *value) ? std::optional(*value) : std::nullopt;
    });
}

std::variant<std::string, Refused> path_of(const Call& call, const Operation& row) {
    return filled(row.path, [&](std::string_view name) -> std::optional<std::string> {
        const bool several = name.starts_with('*');
        const std::string* value = find(call.path, several ? name.substr(1) : name);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (several) {
            return encoded_segments(*value);
        }
        return may_stand_in_path(*value) ? std::optional(percent_encoded(*value)) : std::nullopt;
    });
}

/// "a=1&b=2", in byte order of the names: what a signature is made over is what is sent.
std::string encoded_pairs(std::vector<Pair> pairs) {
    for (auto& [name, value] : pairs) {
        name = percent_encoded(name);
        value = percent_encoded(value);
    }
    std::ranges::sort(pairs);
    std::string made;
    for (const auto& [name, value] : pairs) {
        made += (made.empty() ? "" : "&") + name + "=" + value;
    }
    return made;
}

/// What a link gave: printable ASCII, as it stands.
bool is_query(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#' && c != '\\'; });
}

std::string query_of(const Call& call, const Operation& row) {
    if (call.raw_query) {
        return *call.raw_query;
    }
    std::vector<Pair> pairs = call.query;
    if (row.api == Api::arm) {
        pairs.emplace_back("api-version", row.version);
    }
    return encoded_pairs(std::move(pairs));
}

bool is_aws_form(Api api) {
    return api == Api::ec2 || api == Api::elb || api == Api::sts;
}

void set_body(HttpRequest& request, const Call& call, const Operation& row) {
    if (row.api == Api::arm) {
        const std::string* text = find(call.form, "");
        request.body = Secret(text != nullptr ? *text : "");
        request.headers.push_back({"Content-Type", Secret("application/json")});
        return;
    }
    std::vector<Pair> pairs = call.form;
    if (is_aws_form(row.api)) {
        pairs.emplace_back("Action", row.action);
        pairs.emplace_back("Version", row.version);
    }
    request.body = Secret(encoded_pairs(std::move(pairs)));
    request.headers.push_back({"Content-Type", Secret("application/x-www-form-urlencoded; charset=utf-8")});
}

bool is_local(Api api) {
    return api == Api::aws_metadata || api == Api::aws_container || api == Api::azure_metadata ||
           api == Api::azure_identity;
}

/// Services on this host and its link: plain http, another port where the environment says so, never a proxy, and a
/// short time, for the usual fault of them is silence.
std::optional<Refused> make_local(HttpRequest& request, const Call& call) {
    using namespace std::chrono_literals;
    request.scheme = "http";
    request.port = 80;
    request.through_proxy = false;
    request.connect_timeout = 1s;
    request.timeout = 1s;
    if (const std::string* scheme = find(call.path, "scheme"); scheme != nullptr) {
        if (*scheme != "http" && *scheme != "https") {
            return Refused{"neither http nor https"};
        }
        request.scheme = *scheme;
        request.port = *scheme == "https" ? 443 : 80;
    }
    if (const std::string* port = find(call.path, "port"); port != nullptr) {
        const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), request.port);
        if (error != std::errc() || end != port->data() + port->size() || request.port == 0) {
            return Refused{"no port"};
        }
    }
    return std::nullopt;
}

struct Url {
    std::string_view host;
    std::string_view path;
    std::string_view query;
};

/// Of an https link without user, port or fragment; nothing else is followed.
std::optional<Url> split(std::string_view link) {
    constexpr std::string_view scheme = "https://";
    constexpr std::size_t longest = 16'384;
    if (!link.starts_with(scheme) || link.size() > longest) {
        return std::nullopt;
    }
    link.remove_prefix(scheme.size());
    if (link.ends_with('#') || link.find('#') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t slash = link.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    Url url;
    url.host = link.substr(0, slash);
    if (url.host.ends_with(":443")) {
        url.host.remove_suffix(4);
    }
    const std::string_view rest = link.substr(slash);
    const std::size_t mark = rest.find('?');
    url.path = rest.substr(0, mark);
    url.query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
    return url;
}

bool equal_without_case(std::string_view one, std::string_view other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(one, other, {}, lower, lower);
}

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);  // "/"
        const std::size_t slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
    }
    return parts;
}

/// The values of a path's placeholders, each a segment that needs no encoding.
std::optional<std::vector<Pair>> match_path(std::string_view pattern, std::string_view path) {
    const std::vector<std::string_view> wanted = segments(pattern);
    const std::vector<std::string_view> found = segments(path);
    if (wanted.size() != found.size()) {
        return std::nullopt;
    }
    std::vector<Pair> values;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            if (!may_stand_in_path(found[i]) || found[i].find('%') != std::string_view::npos) {
                return std::nullopt;
            }
            values.emplace_back(wanted[i].substr(1, wanted[i].size() - 2), found[i]);
        } else if (!equal_without_case(wanted[i], found[i])) {
            return std::nullopt;
        }
    }
    return values;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string made;
    made.reserve(text.size());
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            made += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        made += '%';
        made += hex[byte >> 4];
        made += hex[byte & 15U];
    }
    return made;
}

std::string url_of(const HttpRequest& request) {
    const bool is_v6 = request.host.find(':') != std::string::npos;
    const std::uint16_t usual = request.scheme == "https" ? 443 : 80;
    return request.scheme + "://" + (is_v6 ? "[" + request.host + "]" : request.host) +
           (request.port == usual ? std::string() : ":" + std::to_string(request.port)) + request.path +
           (request.query.empty() ? std::string() : "?" + request.query);
}

std::variant<HttpRequest, Refused> make_request(const Call& call) {
    const Operation& row = operation(call.op);
    HttpRequest request;
    request.op = call.op;
    request.method = row.method;
    auto host = host_of(call, row);
    auto path = path_of(call, row);
    for (auto* part : {&host, &path}) {
        if (auto* refused = std::get_if<Refused>(part)) {
            return std::move(*refused);
        }
    }
    request.host = std::move(std::get<std::string>(host));
    request.path = std::move(std::get<std::string>(path));
    request.query = query_of(call, row);
    if (!is_query(request.query)) {
        return Refused{"a query that no request may have"};
    }
    if (is_local(row.api)) {
        if (auto refused = make_local(request, call)) {
            return std::move(*refused);
        }
    }
    if (row.method == Method::post) {
        set_body(request, call, row);
    }
    return request;
}

std::optional<Call> follow(const Call& call, std::string_view link) {
    const std::optional<Url> url = split(link);
    const auto made = make_request(call);
    const auto* request = std::get_if<HttpRequest>(&made);
    if (!url || request == nullptr || !equal_without_case(url->host, request->host) ||
        !equal_without_case(url->path, request->path) || !is_query(url->query)) {
        return std::nullopt;
    }
    Call next = call;
    next.raw_query = std::string(url->query);
    return next;
}

std::optional<Call> follow_location(const Call& call, std::string_view link) {
    const std::optional<Url> url = split(link);
    const std::string* host = find(call.path, "management");
    if (!url || host == nullptr || !equal_without_case(url->host, *host) || !is_query(url->query)) {
        return std::nullopt;
    }
    auto values = match_path(operation(Op::arm_operation_result).path, url->path);
    if (!values) {
        return std::nullopt;
    }
    Call next;
    next.op = Op::arm_operation_result;
    next.path = std::move(*values);
    next.path.emplace_back("management", *host);
    next.raw_query = std::string(url->query);
    return next;
}

}  // namespace whylink::control
