#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

AppRequest plain() {
    AppRequest request;
    request.app = config::App::http;
    request.host = "orders.example";
    request.port = 80;
    return request;
}

AppRequest over_tls() {
    AppRequest request = plain();
    request.port = 443;
    request.tls = true;
    return request;
}

std::string response(std::string_view status, std::string_view body = "", std::string_view headers = "") {
    return "HTTP/1.1 " + std::string(status) + "\r\nServer: nginx/1.22.1\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

AppFacts facts_of(const AppRequest& request, std::string_view reply) {
    return exchange_anyhow(request, reply).facts;
}

AppReply reply_to(const AppRequest& request, std::string_view status, std::string_view body = "") {
    const std::string reply = response(status, body);
    const auto facts = facts_of(request, reply);
    expect_no_other_reply_of_a_beginning(request, reply.substr(0, reply.size() - body.size()), facts.reply);
    return facts.reply;
}

// ---- what the headers say beside the status ----

TEST(Http, KeepsWhatTheHeadersSay) {
    const auto facts = facts_of(plain(), response("302 Found", "gone", "Location: /elsewhere\r\n"));
    ASSERT_TRUE(facts.http);
    EXPECT_EQ(facts.http->location, "/elsewhere");
    EXPECT_EQ(facts.http->content_length, 4U);
    EXPECT_EQ(facts.http->minor_version, 1U);
    const auto old = facts_of(plain(), "HTTP/1.0 200 OK\r\n\r\n");
    ASSERT_TRUE(old.http);
    EXPECT_EQ(old.http->content_length, std::nullopt);
    EXPECT_EQ(old.http->minor_version, 0U);
    EXPECT_FALSE(facts_of(plain(), "SSH-2.0-x\r\n").http);
}

// ---- what is sent ----

TEST(Http, AsksForThePathAndCloses) {
    AppRequest request = plain();
    request.http_path = "/health?deep=0";
    const auto sent = exchange(request, "").sent;
    EXPECT_THAT(sent,
                StartsWith("GET /health?deep=0 HTTP/1.1\r\nHost: orders.example\r\nUser-Agent: whylink"));
    EXPECT_THAT(sent, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(sent.ends_with("\r\n\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("Authorization")));
}

TEST(Http, NamesTheHostAsServersKnowIt) {
    const auto host = [](std::string_view name, std::uint16_t port, bool tls) {
        AppRequest request = plain();
        request.host = name;
        request.port = port;
        request.tls = tls;
        const std::string sent = exchange(request, "").sent;
        const auto begin = sent.find("Host: ") + 6;
        return sent.substr(begin, sent.find('\r', begin) - begin);
    };
    EXPECT_EQ(host("a.example.", 443, true), "a.example");
    EXPECT_EQ(host("a.example", 443, false), "a.example:443");
    EXPECT_EQ(host("a.example", 8443, true), "a.example:8443");
    EXPECT_EQ(host("10.0.0.4", 80, false), "10.0.0.4");
    EXPECT_EQ(host("fd00::4", 8080, false), "[fd00::4]:8080");
}

// ---- what the status means ----

TEST(Http, ServesUnderFourHundred) {
    EXPECT_EQ(reply_to(plain(), "200 OK"), AppReply::served);
    EXPECT_EQ(reply_to(plain(), "204 No Content"), AppReply::served);
    EXPECT_EQ(reply_to(plain(), "302 Found"), AppReply::served);
}

TEST(Http, TellsStatusServerAndWhatWasSaid) {
    const auto facts = facts_of(over_tls(), response("200 OK", "hello"));
    EXPECT_EQ(facts.protocol, "http");
    EXPECT_EQ(facts.status, 200);
    EXPECT_EQ(facts.server, "nginx/1.22.1");
    EXPECT_EQ(facts.said, "200 OK");
}

TEST(Http, IsReachedWhenAskedWhoItIs) {
    EXPECT_EQ(reply_to(plain(), "401 Unauthorized"), AppReply::wants_credentials);
}

/// As AWS's APIs, Azure Storage, Google's APIs, Cloud Storage and the API server of Kubernetes word it.
TEST(Http, IsReachedWhenARefusalAsksForCredentials) {
    for (
        const char* const body :
        {R"({"message":"Missing Authentication Token"})",
         "<MissingAuthenticationTokenException>\n  <Message>Missing Authentication Token</Message>",
         R"({"__type":"com.amazon.coral.service#IncompleteSignatureException"})",
         "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code>",
         R"({"error":{"message":"Method doesn't allow unregistered callers"}})",
         "<Error><Code>AccessDenied</Code><Details>Anonymous caller does not have storage.objects.list access",
         R"({"message":"forbidden: User \"system:anonymous\" cannot get path \"/\""})"}) {
        EXPECT_EQ(facts_of(plain(), response("403 Forbidden", body)).reply, AppReply::wants_credentials)
            << body;
    }
    EXPECT_EQ(
        facts_of(plain(), response("409 Conflict", "<Error><Code>PublicAccessNotPermitted</Code></Error>"))
            .reply,
        AppReply::wants_credentials);
    EXPECT_EQ(
        facts_of(plain(), response("400 Bad Request", R"({"__type":"MissingAuthenticationToken"})")).reply,
        AppReply::wants_credentials);
}

TEST(Http, IsReachedWhenAHeaderOfARefusalAsksForCredentials) {
    for (const char* const header :
         {"x-amzn-ErrorType: MissingAuthenticationTokenException:http://amazon.test/\r\n",
          "x-ms-error-code: AuthenticationFailed\r\n",
          "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n"}) {
        EXPECT_EQ(facts_of(plain(), response("403 Forbidden", "{}", header)).reply,
                  AppReply::wants_credentials)
            << header;
    }
    const auto facts = facts_of(
        plain(),
        response("403 Forbidden", "{}", "x-amzn-ErrorType: ForbiddenException:http://amazon.test/\r\n"));
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, "403 Forbidden: {} (ForbiddenException)");
}

/// What S3 says to everybody without credentials it says to an endpoint that a policy keeps out, too.
TEST(Http, NamesTheCodeOfAnErrorInXml) {
    const auto facts = facts_of(plain(), response("403 Forbidden",
                                                  "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied"
                                                  "</Code><Message>Access Denied</Message></Error>"));
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, "403 Forbidden: AccessDenied");
}

TEST(Http, DoesNotTakeAnotherPageForAQuestion) {
    EXPECT_EQ(facts_of(plain(), response("404 Not Found", "AuthenticationFailure")).reply,
              AppReply::unexpected);
    EXPECT_EQ(facts_of(plain(), response("503 Service Unavailable", "Missing Authentication Token")).reply,
              AppReply::cannot_serve);
    AppRequest request = plain();
    request.http_status = {200};
    EXPECT_EQ(facts_of(request, response("403 Forbidden", "Missing Authentication Token")).reply,
              AppReply::unexpected);
}

/// Who wants to know us then is a proxy in between, and not the service.
TEST(Http, DoesNotTakeAProxyForTheService) {
    EXPECT_EQ(reply_to(plain(), "407 Proxy Authentication Required"), AppReply::unexpected);
    EXPECT_EQ(reply_to(plain(), "511 Network Authentication Required"), AppReply::unexpected);
}

TEST(Http, IsForbiddenByAnAccessFilterWithItsWords) {
    const auto facts =
        facts_of(over_tls(), response("403 Forbidden", R"({"ok":false,"message":"Forbidden"})"));
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, R"(403 Forbidden: {"ok":false,"message":"Forbidden"})");
}

TEST(Http, CannotServeWithFiveHundreds) {
    EXPECT_EQ(reply_to(plain(), "500 Internal Server Error"), AppReply::cannot_serve);
    EXPECT_EQ(reply_to(plain(), "503 Service Unavailable", "<html><title>503 Service Unavailable</title>"),
              AppReply::cannot_serve);
}

TEST(Http, DoesNotExpectTheRest) {
    EXPECT_EQ(reply_to(plain(), "404 Not Found"), AppReply::unexpected);
    EXPECT_EQ(reply_to(over_tls(), "421 Misdirected Request"), AppReply::unexpected);
    EXPECT_EQ(reply_to(plain(), "101 Switching Protocols"), AppReply::unexpected);
    EXPECT_EQ(reply_to(plain(), "999 Request denied"), AppReply::unexpected);
}

TEST(Http, TakesTheListedStatusesAsServedAndNoOthers) {
    AppRequest request = plain();
    request.http_status = {404, 403};
    EXPECT_EQ(reply_to(request, "404 Not Found"), AppReply::served);
    EXPECT_EQ(reply_to(request, "403 Forbidden"), AppReply::served);
    EXPECT_EQ(reply_to(request, "200 OK"), AppReply::unexpected);
    EXPECT_EQ(reply_to(request, "401 Unauthorized"), AppReply::unexpected);
    EXPECT_EQ(reply_to(request, "502 Bad Gateway"), AppReply::cannot_serve);
    request.http_status = {200};
    EXPECT_EQ(reply_to(request, "403 Forbidden"), AppReply::forbidden);
}

// ---- plain text and TLS ----

/// As nginx 1.22, Go 1.19, Apache httpd 2.4 and Tomcat 10 word it.
TEST(Http, HearsThatThePortSpeaksTls) {
    const auto plain_http_refused = [](std::string_view body) {
        return reply_to(plain(), "400 Bad Request", body);
    };
    EXPECT_EQ(plain_http_refused("<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port"
                                 "</title></head>\r\n<body>"),
              AppReply::wants_tls);
    EXPECT_EQ(plain_http_refused("Bad Request\nThis combination of host and port requires TLS.\n"),
              AppReply::wants_tls);
    EXPECT_EQ(
        plain_http_refused("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n"
                           "<title>400 Bad Request</title>\n</head><body>\n<h1>Bad Request</h1>\n"
                           "<p>Your browser sent a request that this server could not understand.<br />\n"
                           "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n"),
        AppReply::wants_tls);
    EXPECT_EQ(plain_http_refused("<html>something else"), AppReply::unexpected);
    EXPECT_EQ(exchange_anyhow(
                  plain(),
                  "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", true)
                  .facts.reply,
              AppReply::wants_tls);
}

TEST(Http, HearsThatThePortSpeaksTlsFromAnAlert) {
    const std::string_view alert{"\x15\x03\x01\x00\x02\x02\x46", 7};
    EXPECT_EQ(facts_of(plain(), alert).reply, AppReply::wants_tls);
    expect_no_other_reply_of_a_beginning(plain(), alert, AppReply::wants_tls);
    EXPECT_EQ(facts_of(over_tls(), alert).reply, AppReply::other_protocol);
}

TEST(Http, SaysThatAClientCertificateIsWanted) {
    const auto facts = facts_of(
        over_tls(), response("400 Bad Request",
                             "<html>\r\n<head><title>400 No required SSL certificate was sent</title>"));
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, "400 Bad Request: 400 No required SSL certificate was sent");
}

// ---- framing ----

TEST(Http, PassesOverInterimResponses) {
    const auto facts = facts_of(plain(),
                                "HTTP/1.1 103 Early Hints\r\nServer: a\r\nLink: </x>\r\n\r\n"
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\n"
                                "Content-Length: 2\r\n\r\nno");
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, "403 Forbidden: no");
    EXPECT_EQ(facts.server, "");
}

TEST(Http, ReadsNoBodyOfWhatServes) {
    const auto exchanged = exchange_anyhow(plain(), "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
    EXPECT_EQ(exchanged.next, Codec::Next::done);
}

TEST(Http, ReadsARefusalsBodyToItsEndAndNoFurther) {
    const auto chunked = [](std::string_view body) {
        return exchange_anyhow(
            plain(), "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body));
    };
    EXPECT_EQ(chunked("4\r\ngone\r\n").next, Codec::Next::read);
    EXPECT_EQ(chunked("4\r\ngone\r\n0\r\n\r\n").next, Codec::Next::done);
    EXPECT_THAT(chunked("4\r\ngone\r\n").facts.said, StartsWith("404 Not Found: gone"));
    EXPECT_EQ(chunked("0\r\n\r\n").next, Codec::Next::done);
    EXPECT_EQ(chunked("fff\r\n" + std::string(600, 'x')).next, Codec::Next::done);
    EXPECT_EQ(exchange(plain(), response("404 Not Found", "gone")).next, Codec::Next::done);
}

/// A server that never ends its refusal's body has refused all the same.
TEST(Http, JudgesByTheHeadersWhereTheBodyDoesNotCome) {
    const auto facts = facts_of(plain(), "HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n");
    EXPECT_EQ(facts.reply, AppReply::forbidden);
}

TEST(Http, IsNotFinishedWithinTheHeaders) {
    EXPECT_EQ(exchange_anyhow(plain(), "HTTP/1.1 200 OK\r\nServer: x", true).facts.reply, AppReply::none);
    EXPECT_EQ(exchange_anyhow(plain(), "HT", true).facts.reply, AppReply::none);
}

TEST(Http, SeesAnotherProtocolAtTheFirstByteThatCannotBe) {
    const auto is_other = [](std::string_view bytes) {
        const auto exchanged = exchange_anyhow(plain(), bytes);
        return exchanged.next == Codec::Next::done && exchanged.facts.reply == AppReply::other_protocol;
    };
    EXPECT_TRUE(is_other("S"));                                 // SSH-2.0-...
    EXPECT_TRUE(is_other("-"));                                 // -ERR unknown command
    EXPECT_TRUE(is_other(std::string_view("H\0\0\0\x0a", 5)));  // a MySQL greeting of 72 bytes
    EXPECT_TRUE(is_other("HTTP/2"));
    EXPECT_TRUE(is_other("HTTP/1.1 2x0 OK\r\n"));
    EXPECT_TRUE(is_other("HTTP/1.1 099 OK\r\n"));
    EXPECT_TRUE(is_other("HTTP/1.1 2000\r\n"));
    EXPECT_TRUE(is_other("HTTP/1.1\r\n"));
    EXPECT_TRUE(is_other("\x15HTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_FALSE(is_other("HTTP/1."));
}

TEST(Http, IsBounded) {
    const auto endless = [](std::string begin, char byte) {
        begin.append(Codec::max_bytes, byte);
        return exchange_anyhow(plain(), begin);
    };
    EXPECT_EQ(endless("HTTP/1.1 200 ", 'x').facts.reply, AppReply::other_protocol);
    const auto header = endless("HTTP/1.1 200 OK\r\nX: ", 'x');
    EXPECT_EQ(header.next, Codec::Next::done);
    EXPECT_EQ(header.facts.reply, AppReply::unexpected);
}

// ---- where it sends its clients ----

std::vector<Referral> led_to(const AppRequest& request, std::string_view location) {
    return facts_of(request, response("302 Found", "", "Location: " + std::string(location) + "\r\n"))
        .referrals;
}

TEST(Http, KeepsOfLongTextsTheBeginning) {
    const std::string reason(600, 'r');
    const std::string server(20'000, 's');
    const AppFacts facts = facts_of(
        plain(), "HTTP/1.1 403 " + reason + "\r\nServer: " + server + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(facts.reply, AppReply::forbidden);
    EXPECT_EQ(facts.said, "403 " + std::string(196, 'r') + "… (404 B left out)");
    EXPECT_EQ(facts.server, std::string(200, 's') + "… (19800 B left out)");
}

TEST(Http, KeepsNoControlsOfWhatAServerSays) {
    const AppFacts facts =
        facts_of(plain(), response("503 \x1b[2J\x07\xff", "", "X-Ms-Error-Code: a\x1b]0;b\u202e\r\n"));
    EXPECT_EQ(facts.said, "503 \\x1b[2J\\x07\\xff (a\\x1b]0;b\\u{202e})");
}

TEST(Http, ALocationOfAnySizeOrOfOddBytesIsNoReferral) {
    for (const std::string& host :
         {std::string(60'000, 'a'), std::string("a\x1b[2Jb"), std::string("a\xff")}) {
        const AppFacts facts =
            facts_of(plain(), response("302 Found", "", "Location: http://" + host + "/\r\n"));
        EXPECT_EQ(facts.reply, AppReply::served);
        EXPECT_TRUE(facts.referrals.empty());
    }
}

TEST(Http, NamesWhereARedirectLeads) {
    const auto to = [](std::string host, std::uint16_t port) {
        return std::vector<Referral>{{ReferralKind::redirect, std::move(host), port}};
    };
    EXPECT_EQ(led_to(plain(), "https://orders.example/"), to("orders.example", 443));
    EXPECT_EQ(led_to(plain(), "http://login.example:8080/a?b=https://c"), to("login.example", 8080));
    EXPECT_EQ(led_to(plain(), "//other.example"), to("other.example", 80));
    EXPECT_EQ(led_to(over_tls(), "//user:pw@other.example#x"), to("other.example", 443));
    EXPECT_EQ(led_to(plain(), "http://[fd00::1]:81/"), to("fd00::1", 81));
}

TEST(Http, FollowsNoRedirectThatStaysOrCannotBeRead) {
    for (const auto* location :
         {"/login", "login", "http://ORDERS.example./x", "ftp://other.example/", "http://", "http://a b/",
          "http://other.example:0/", "http://other.example:99999/", "http://[fd00::1/", "http://x\x01y/"}) {
        EXPECT_TRUE(led_to(plain(), location).empty()) << location;
    }
    AppRequest wanted = plain();
    wanted.http_status = {302};
    EXPECT_TRUE(led_to(wanted, "https://orders.example/").empty()) << "the redirect is what is wanted";
}

}  // namespace
}  // namespace whylink::probes
