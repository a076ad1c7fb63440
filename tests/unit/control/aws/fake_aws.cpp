#include "tests/unit/control/aws/fake_aws.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace whylink::control::test {

namespace {

std::string decoded(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            made += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            made += text[i];
        }
    }
    return made;
}

std::map<std::string, std::string> pairs_of(std::string_view text) {
    std::map<std::string, std::string> pairs;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        pairs[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
    }
    return pairs;
}

Asked asked_of(const HttpRequest& request) {
    constexpr std::string_view version = "/2013-04-01/";
    Asked asked;
    asked.host = request.host;
    if (request.method == Method::post) {
        asked.parameters = pairs_of(request.body.reveal());
        asked.action = asked.parameters["Action"];
    } else {
        asked.parameters = pairs_of(request.query);
        asked.action = request.path.starts_with(version) ? request.path.substr(version.size()) : request.path;
    }
    return asked;
}

/// In the shape of the API: EC2 has one of its own.
std::string error(const Asked& asked, const std::string& code) {
    const std::string error = "<Error><Code>" + code + "</Code><Message>told so</Message></Error>";
    return asked.host.starts_with("ec2.")
               ? "<Response><Errors>" + error + "</Errors><RequestID>1</RequestID></Response>"
               : "<ErrorResponse>" + error + "<RequestId>1</RequestId></ErrorResponse>";
}

}  // namespace

std::vector<HttpResponse> FakeAws::perform(std::span<const HttpRequest> requests,
                                           std::chrono::steady_clock::time_point /*until*/) {
    std::vector<HttpResponse> responses;
    for (const HttpRequest& request : requests) {
        asked_.push_back(asked_of(request));
        responses.push_back(respond(asked_.back()));
    }
    return responses;
}

HttpResponse FakeAws::respond(const Asked& asked) const {
    HttpResponse response;
    response.received_at = std::chrono::system_clock::now();
    response.failure = failure_;
    if (failure_ != Failure::none) {
        return response;
    }
    const bool is_ec2 = asked.host.starts_with("ec2.");
    if (denied_.contains(asked.action)) {
        response.status = 403;
        response.body = error(asked, is_ec2 ? "UnauthorizedOperation" : "AccessDenied");
        return response;
    }
    const auto found = answers_.find(asked.action);
    if (found == answers_.end()) {
        response.status = 400;
        response.body = error(asked, is_ec2 ? "InvalidThing.NotFound" : "NoSuchThing");
        return response;
    }
    response.status = 200;
    response.body = found->second(asked);
    return response;
}

void FakeAws::answer(const std::string& action, std::string body) {
    answers_[action] = [body = std::move(body)](const Asked&) { return body; };
}

void FakeAws::answer(const std::string& action, Answer body) {
    answers_[action] = std::move(body);
}

std::size_t FakeAws::times(const std::string& action) const {
    return static_cast<std::size_t>(std::ranges::count(asked_, action, &Asked::action));
}

const Asked& FakeAws::last(const std::string& action) const {
    static const Asked none;
    const auto found = std::find_if(asked_.rbegin(), asked_.rend(),
                                    [&](const Asked& asked) { return asked.action == action; });
    EXPECT_NE(found, asked_.rend()) << action << " was not asked";
    return found == asked_.rend() ? none : *found;
}

Account::Account() {
    environment_.time = std::chrono::system_clock::now();
    environment_.variables = {{"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"},
                              {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}};
    account.name = "acme-aws";
    account.region = region;
    credentials_ = std::make_unique<AwsCredentialChain>(account, environment_, aws, redaction_);
    dialect_ = std::make_unique<AwsDialect>(*credentials_, environment_);
    caller_ = std::make_unique<Caller>(aws, *dialect_, redaction_);
}

Reading Account::reading(std::span<const Subject> subjects, const Instance* instance) {
    const Terms terms{std::chrono::steady_clock::now() + std::chrono::seconds(60), {}};
    return {account, *caller_, terms, subjects, instance};
}

IpAddress ip(std::string_view text) {
    const auto address = IpAddress::parse(text);
    EXPECT_TRUE(address) << text;
    return address.value_or(IpAddress{});
}

std::string ec2(const std::string& action, const std::string& content) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + action +
           "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>0b3a</requestId>" +
           content + "</" + action + "Response>";
}

std::string elb(const std::string& action, const std::string& content) {
    return "<" + action + "Response xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><" +
           action + "Result>" + content + "</" + action +
           "Result><ResponseMetadata><RequestId>0b3a</RequestId></ResponseMetadata></" + action + "Response>";
}

std::string word_of(const std::vector<Read>& reads, std::string_view read, std::string_view word) {
    const auto found = std::ranges::find(reads, read, &Read::read);
    if (found == reads.end()) {
        return {};
    }
    const auto fact = std::ranges::find(found->facts, word, &Word::name);
    return fact == found->facts.end() ? std::string() : fact->value;
}

Read read_named(const std::vector<Read>& reads, std::string_view read) {
    const auto found = std::ranges::find(reads, read, &Read::read);
    EXPECT_NE(found, reads.end()) << "no read " << read;
    return found == reads.end() ? Read{} : *found;
}

}  // namespace whylink::control::test
