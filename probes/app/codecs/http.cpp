#include <algorithm>
#include <array>
#include <utility>

#include "config/ascii.hpp"
#include "config/first_bytes.hpp"
#include "probes/app/codecs/http2.hpp"
#include "probes/app/codecs/http_exchange.hpp"
#include "probes/app/codecs/location.hpp"
#include "probes/app/codecs/text.hpp"

#ifndef WHYLINK_VERSION
#error "the build gives the version that User-Agent names"
#endif

namespace whylink::probes {
namespace {

std::string element(std::string_view markup, const std::string& name) {
    const std::string open = "<" + name + ">";
    const std::string lower = lower_case(markup);
    const auto begin = lower.find(open);
    const auto end = lower.find("</" + name + ">", begin);
    if (begin == std::string::npos || end == std::string::npos) {
        return {};
    }
    return squeezed(markup.substr(begin + open.size(), end - begin - open.size()));
}

/// The title of a page, or the code of an error in XML, as storage services have it.
std::string title_of(std::string_view markup) {
    const std::string title = element(markup, "title");
    return title.empty() ? element(markup, "code") : title;
}

/// "403 Forbidden", and what the body adds to that.
std::string said_by(const HttpReply& reply) {
    std::string line = std::to_string(reply.status());
    if (!reply.reason().empty()) {
        line += " " + reply.reason();
    }
    if (reply.status() < 400) {
        return one_line(line);
    }
    const std::string text = reply.body().starts_with('<') ? title_of(reply.body()) : squeezed(reply.body());
    if (!text.empty() && text != line && text != reply.reason()) {
        line += ": " + text;
    }
    if (!contains(line, reply.error_code())) {
        line += " (" + reply.error_code() + ")";
    }
    return one_line(line);
}

/// How servers answer plain HTTP on a port of TLS: nginx (and load balancers made of it), Go's net/http,
/// Apache httpd, Tomcat.
bool says_https_only(std::string_view text) {
    constexpr std::array<std::string_view, 4> wordings{
        "plain http request was sent to https port", "client sent an http request to an https server",
        "speaking plain http to an ssl-enabled server port", "combination of host and port requires tls"};
    const std::string body = lower_case(text);
    return std::ranges::any_of(wordings, [&](std::string_view wording) { return contains(body, wording); });
}

/// nginx makes the handshake without a client certificate, and refuses the request: its own 495 and 496 are
/// 400 on the wire.
bool says_client_certificate(std::string_view text) {
    const std::string body = lower_case(text);
    return contains(body, "no required ssl certificate was sent") ||
           contains(body, "the ssl certificate error");
}

/// How services refuse a request without credentials in another way than by 401: AWS (its APIs, API Gateway), Azure
/// Storage, Google's APIs and Cloud Storage, the API server of Kubernetes.
constexpr std::array<std::string_view, 8> credentials_wanted{
    "MissingAuthenticationToken", "Missing Authentication Token",
    "IncompleteSignature",        "AuthenticationFailed",
    "PublicAccessNotPermitted",   "unregistered callers",
    "Anonymous caller",           "system:anonymous"};

bool asks_for_credentials(const HttpWords& words) {
    return words.challenges || std::ranges::any_of(credentials_wanted, [&](std::string_view wording) {
               return contains(words.body, wording) || contains(words.error_code, wording);
           });
}

class Http : public HttpExchange {
  public:
    explicit Http(const AppRequest& request) : HttpExchange(request, request.http_path, false) {}

  private:
    AppReply judge() const override {
        const auto& listed = request().http_status;
        const auto status = static_cast<unsigned>(reply().status());
        if (std::ranges::find(listed, status) != listed.end()) {
            return AppReply::served;
        }
        return reply_of_status(reply().status(), words_of(reply()), !listed.empty());
    }
};

}  // namespace

const std::string_view user_agent = "whylink/" WHYLINK_VERSION;

/// An IPv6 address in brackets, no port where it is the scheme's own. The dot that ends an absolute name is DNS's and
/// not HTTP's: servers and certificates know the name without it.
std::string host_header(const AppRequest& request) {
    std::string host = request.host;
    if (host.ends_with('.')) {
        host.pop_back();
    }
    if (contains(host, ":")) {
        host = "[" + host + "]";
    }
    const unsigned usual_port = request.tls ? 443 : 80;
    return request.port == usual_port ? host : host + ":" + std::to_string(request.port);
}

AppReply reply_of_status(int status, const HttpWords& words, bool listed) {
    const std::string_view body = words.body;
    const bool refused = status >= 400 && status < 500;
    if (status == 401 || (refused && asks_for_credentials(words))) {
        return listed ? AppReply::unexpected : AppReply::wants_credentials;
    }
    if (status == 403) {
        return AppReply::forbidden;
    }
    if (status == 400 && says_https_only(body)) {
        return AppReply::wants_tls;
    }
    if (status == 400 && says_client_certificate(body)) {
        return AppReply::forbidden;
    }
    // 511 is a network's own page in front of everything (RFC 6585 section 6), not the service.
    if (status >= 500 && status < 600 && status != 511) {
        return AppReply::cannot_serve;
    }
    if (listed || status == 101) {
        return AppReply::unexpected;
    }
    return status < 400 ? AppReply::served : AppReply::unexpected;
}

HttpExchange::HttpExchange(AppRequest request, std::string path, bool wants_body)
    : request_(std::move(request)), path_(std::move(path)), reply_(wants_body) {}

Codec::Next HttpExchange::start(std::string& out) {
    out += "GET " + path_ + " HTTP/1.1\r\nHost: " + host_header(request_) +
           "\r\nUser-Agent: whylink/" WHYLINK_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    return Next::read;
}

Codec::Next HttpExchange::received(std::string_view bytes, std::string&) {
    if (done_) {
        return Next::done;
    }
    Opening::Kind opening = opening_.received(bytes);
    if (opening == Opening::Kind::other) {
        opening = look_at_frame(bytes);
    }
    switch (opening) {
        case Opening::Kind::undecided:
            return Next::read;
        case Opening::Kind::tls_alert:
            other_ = request_.tls ? AppReply::other_protocol : AppReply::wants_tls;
            break;
        case Opening::Kind::unknown:
            other_ = AppReply::other_protocol;
            break;
        case Opening::Kind::other:
            const auto state = reply_.received(bytes);
            if (state == HttpReply::State::more) {
                return Next::read;
            }
            if (state == HttpReply::State::not_http) {
                other_ = AppReply::other_protocol;
            }
            if (state == HttpReply::State::too_long) {
                other_ = AppReply::unexpected;
            }
            break;
    }
    done_ = true;
    return Next::done;
}

Opening::Kind HttpExchange::look_at_frame(std::string_view& bytes) {
    constexpr std::size_t frame_header = 9;
    if (is_no_frame_) {
        return Opening::Kind::other;
    }
    held_ += bytes;
    const bool may_be = held_.empty() || held_.front() == '\0';
    if (may_be && held_.size() < frame_header) {
        return Opening::Kind::undecided;
    }
    bytes = held_;
    is_no_frame_ = !config::is_http2(held_);
    return is_no_frame_ ? Opening::Kind::other : Opening::Kind::unknown;
}

std::optional<Referral> HttpExchange::redirect() const {
    constexpr std::array<int, 5> redirects{301, 302, 303, 307, 308};
    const auto& listed = request_.http_status;
    // Who lists the status wants the redirect itself.
    const bool is_redirect =
        std::ranges::find(redirects, reply_.status()) != redirects.end() &&
        std::ranges::find(listed, static_cast<unsigned>(reply_.status())) == listed.end();
    return is_redirect ? referral_of(reply_.location(), request_) : std::nullopt;
}

void HttpExchange::report(AppFacts& facts) const {
    Verdict verdict;
    verdict.reply = other_;
    if (other_ == AppReply::none && reply_.status() != 0) {
        verdict.reply = judge();
        verdict.said = said_by(reply_);
        verdict.status = reply_.status();
        verdict.server = reply_.server();
        if (const auto next = redirect(); next && verdict.reply == AppReply::served) {
            verdict.add_referral(*next);
        }
    }
    verdict.report(facts);
    if (reply_.status() != 0) {
        facts.http = HttpHead{reply_.location(), reply_.content_length(), reply_.minor_version()};
    }
    facts.protocol = slug(request_.app);
}

template <>
std::unique_ptr<Codec> codec_of<config::App::http>(const AppRequest& request) {
    if (request.http2) {
        return make_http2(request, request.http_path);
    }
    return std::make_unique<Http>(request);
}

}  // namespace whylink::probes
