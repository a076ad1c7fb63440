#include "daemon/http/gate.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "config/address.hpp"
#include "config/ascii.hpp"
#include "config/resolver_text.hpp"
#include "daemon/http/passwords.hpp"

namespace whylink::daemon::http {
namespace {

using Users = std::map<std::string, std::string>;

/// What a name that does not exist is compared with, so that its answer takes as long as that of one that does: of the
/// cost of the others.
constexpr std::string_view hash_of_nobody = "$2y$10$abcdefghijklmnopqrstuuD2Y7q2fZ2r8dK0W0m0Hq4yV5zQ1n9l6";
constexpr std::size_t cost_at = 4;
constexpr std::size_t cost_digits = 2;

std::string nobody_beside(const Users& users) {
    std::string hash(hash_of_nobody);
    return hash.replace(cost_at, cost_digits, users.begin()->second, cost_at, cost_digits);
}

/// A page of another site whose name was made to lead here has that name in Host. HTTP/1.0 may have none.
bool is_own_host(std::string_view host) {
    const auto place = config::parse_host_port(host);
    return host.empty() ||
           (place && (IpAddress::parse(place->host).has_value() || lower_case(place->host) == "localhost"));
}

/// In small letters, without the port that the scheme has anyway.
std::string normal_origin(std::string_view origin) {
    std::string text = lower_case(origin);
    const std::string_view port = text.starts_with("https:") ? ":443" : ":80";
    if (text.ends_with(port)) {
        text.resize(text.size() - port.size());
    }
    return text;
}

/// What is done though nobody can read the answer. A probe is, unless somebody has followed a link to it, as
/// Prometheus shows one: with the time that its answer takes, a page of another site would scan this network.
bool has_effect(const Request& request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    return !reads || (request.path == "/probe" && lower_case(request.fetch_dest) != "document");
}

/// Pages of other sites send requests too, and cannot read what comes of them.
bool comes_from_elsewhere(const Request& request) {
    if (!has_effect(request)) {
        return false;
    }
    const std::string own = fmt::format("{}://{}", request.tls ? "https" : "http", request.host);
    const bool other_origin = !request.origin.empty() && normal_origin(request.origin) != normal_origin(own);
    const std::string site = lower_case(request.fetch_site);
    return other_origin || (!site.empty() && site != "same-origin" && site != "none");
}

struct Credentials {
    std::string user;
    std::string password;
};

std::optional<std::string> base64_decoded(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0 || static_cast<std::size_t>(size) < padding) {
        return std::nullopt;
    }
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

/// RFC 7617.
std::optional<Credentials> credentials_of(std::string_view header) {
    constexpr std::string_view scheme = "basic ";
    if (lower_case(header.substr(0, scheme.size())) != scheme) {
        return std::nullopt;
    }
    header.remove_prefix(std::min(header.find_first_not_of(' ', scheme.size()), header.size()));
    const auto text = base64_decoded(header);
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

Response who_are_you() {
    Response response = plain(401, "this needs a user and a password");
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"whylink\", charset=\"UTF-8\"");
    return response;
}

Response too_busy() {
    Response response = plain(503, "too many passwords wait to be checked");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

}  // namespace

struct Gate::Impl {
    explicit Impl(Handler handler) : inside(std::move(handler)) {}

    std::shared_ptr<const Users> current() {
        const std::lock_guard lock(mutex);
        return users;
    }

    const Handler inside;
    std::mutex mutex;
    std::shared_ptr<const Users> users = std::make_shared<const Users>();
    Passwords passwords;
};

Gate::Gate(Handler inside) : impl_(std::make_unique<Impl>(std::move(inside))) {}

Gate::~Gate() = default;

void Gate::use_users(std::map<std::string, std::string> users) {
    auto shared = std::make_shared<const Users>(std::move(users));
    const std::lock_guard lock(impl_->mutex);
    impl_->users = std::move(shared);
}

void Gate::handle(Request request, Respond respond) {
    if (request.on_loopback && !is_own_host(request.host)) {
        respond(plain(403, "on a loopback listener the Host header must be an address or localhost"));
        return;
    }
    if (comes_from_elsewhere(request)) {
        respond(plain(403, "this request comes from a page of another site"));
        return;
    }
    const std::shared_ptr<const Users> users = impl_->current();
    if (users->empty()) {
        impl_->inside(std::move(request), std::move(respond));
        return;
    }
    const auto given = credentials_of(std::exchange(request.authorization, {}));
    if (!given) {
        respond(who_are_you());
        return;
    }
    const auto known = users->find(given->user);
    const std::string hash = known != users->end() ? known->second : nobody_beside(*users);
    const std::string peer = request.peer;
    impl_->passwords.check(
        given->user, given->password, hash, peer,
        [inside = impl_->inside, is_known = known != users->end(), request = std::move(request),
         respond = std::move(respond)](PasswordVerdict verdict) {
            if (verdict == PasswordVerdict::busy) {
                respond(too_busy());
            } else if (verdict == PasswordVerdict::right && is_known) {
                inside(request, respond);
            } else {
                respond(who_are_you());
            }
        });
}

}  // namespace whylink::daemon::http
