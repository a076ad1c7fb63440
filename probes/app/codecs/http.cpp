#include <algorithm>
#include <array>
#include <utility>

#include "config/ascii.hpp"
#include "probes/app/codecs/http_exchange.hpp"
#include "probes/app/codecs/text.hpp"

#ifndef WHYLINK_VERSION
#error "the build gives the version that User-Agent names"
#endif

namespace whylink::probes {
namespace {

/// RFC 9110 section 7.2: an IPv6 address in brackets, no port where it is the scheme's own. The dot that ends
/// an absolute name is DNS's and not HTTP's: servers and certificates know the name without it.
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

std::string title_of(std::string_view html) {
    constexpr std::string_view open = "<title>";
    const std::string lower = lower_case(html);
    const auto begin = lower.find(open);
    const auto end = lower.find("</title>", begin);
    if (begin == std::string::npos || end == std::string::npos) {
        return {};
    }
    return one_line(html.substr(begin + open.size(), end - begin - open.size()));
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
    const std::string text = reply.body().starts_with('<') ? title_of(reply.body()) : one_line(reply.body());
    if (!text.empty() && text != line && text != reply.reason()) {
        line += ": " + text;
    }
    return one_line(line);
}

/// How servers answer plain HTTP on a port of TLS: nginx (and load balancers made of it), Go's net/http,
/// Apache httpd, Tomcat.
bool says_https_only(const HttpReply& reply) {
    constexpr std::array<std::string_view, 4> wordings{
        "plain http request was sent to https port", "client sent an http request to an https server",
        "speaking plain http to an ssl-enabled server port", "combination of host and port requires tls"};
    const std::string body = lower_case(reply.body());
    return std::ranges::any_of(wordings, [&](std::string_view wording) { return contains(body, wording); });
}

/// nginx makes the handshake without a client certificate, and refuses the request: its own 495 and 496 are
/// 400 on the wire.
bool says_client_certificate(const HttpReply& reply) {
    const std::string body = lower_case(reply.body());
    return contains(body, "no required ssl certificate was sent") ||
           contains(body, "the ssl certificate error");
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
        return reply_of_status(reply(), !listed.empty());
    }
};

}  // namespace

AppReply reply_of_status(const HttpReply& reply, bool listed) {
    const int status = reply.status();
    if (status == 403) {
        return AppReply::forbidden;
    }
    if (status == 400 && says_https_only(reply)) {
        return AppReply::wants_tls;
    }
    if (status == 400 && says_client_certificate(reply)) {
        return AppReply::forbidden;
    }
    // 511 is a network's own page in front of everything (RFC 6585 section 6), not the service.
    if (status >= 500 && status < 600 && status != 511) {
        return AppReply::cannot_serve;
    }
    if (listed || status == 101) {
        return AppReply::unexpected;
    }
    if (status == 401) {
        return AppReply::wants_credentials;
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
    switch (opening_.received(bytes)) {
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

void HttpExchange::report(AppFacts& facts) const {
    Verdict verdict;
    verdict.reply = other_;
    if (other_ == AppReply::none && reply_.status() != 0) {
        verdict.reply = judge();
        verdict.said = said_by(reply_);
        verdict.status = reply_.status();
        verdict.server = reply_.server();
    }
    verdict.report(facts);
    facts.protocol = slug(request_.app);
}

template <>
std::unique_ptr<Codec> codec_of<config::App::http>(const AppRequest& request) {
    return std::make_unique<Http>(request);
}

}  // namespace whylink::probes
