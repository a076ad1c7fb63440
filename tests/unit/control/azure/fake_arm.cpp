#include "tests/unit/control/azure/fake_arm.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/ascii.hpp"

namespace whylink::control::arm_test {

std::string network_id(std::string_view rest) {
    return "/subscriptions/" + subscription + "/resourceGroups/rg/providers/Microsoft.Network/" +
           std::string(rest);
}

std::string listing(std::string_view rest) {
    return "/subscriptions/" + subscription + "/providers/Microsoft.Network/" + std::string(rest);
}

HttpResponse response(int status, std::string body, std::vector<Pair> headers) {
    HttpResponse made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    made.received_at = std::chrono::system_clock::now();
    return made;
}

std::vector<HttpResponse> FakeArm::perform(std::span<const HttpRequest> requests,
                                           std::chrono::steady_clock::time_point /*until*/) {
    std::vector<HttpResponse> responses;
    for (const HttpRequest& request : requests) {
        EXPECT_EQ(request.host, "management.azure.com");
        asked.push_back(std::string(slug(request.method)) + " " + request.path + "?" + request.query);
        responses.push_back(respond(request));
    }
    return responses;
}

HttpResponse FakeArm::respond(const HttpRequest& request) {
    const Operation& row = operation(request.op);
    if (denied_.contains(row.permission)) {
        return response(
            403, R"({"error": {"code": "AuthorizationFailed", "message": "The client 'c' does not have )"
                 R"(authorization to perform action ')" +
                     std::string(row.permission) + R"(' over scope '/subscriptions/s'."}})");
    }
    for (const std::string& key : {request.path + "?" + request.query, request.path}) {
        const auto found = answers_.find(lower_case(key));
        if (found != answers_.end()) {
            HttpResponse made = found->second.front();
            if (found->second.size() > 1) {
                found->second.erase(found->second.begin());
            }
            return made;
        }
    }
    return response(404, R"({"error": {"code": "ResourceNotFound", "message": "not found"}})");
}

void FakeArm::answer(std::string_view path, std::string body, int status, std::vector<Pair> headers) {
    answers_[lower_case(path)] = {response(status, std::move(body), std::move(headers))};
}

void FakeArm::answer_in_order(std::string_view path, std::vector<HttpResponse> responses) {
    answers_[lower_case(path)] = std::move(responses);
}

bool FakeArm::was_asked(std::string_view path) const {
    return times(path) > 0;
}

std::size_t FakeArm::times(std::string_view path) const {
    return static_cast<std::size_t>(std::ranges::count_if(asked, [&](const std::string& one) {
        const std::string_view url = std::string_view(one).substr(one.find(' ') + 1);
        return same_without_case(url.substr(0, url.find('?')), path);
    }));
}

Account::Account() {
    account.name = "acme-azure";
    account.provider = config::AccountProvider::azure;
    account.subscription = subscription;
}

Reading Account::reading(std::span<const Subject> subjects, const Instance* instance) {
    const Terms terms{std::chrono::steady_clock::now() + std::chrono::seconds(60), {}};
    return {account, caller, terms, subjects, instance};
}

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(IpAddress());
}

std::string page(std::string_view items, std::string_view next) {
    return "{\"value\": [" + std::string(items) + "]" +
           (next.empty() ? std::string() : ", \"nextLink\": \"" + std::string(next) + "\"") + "}";
}

const Read* find_read(const Readings& readings, std::string_view read) {
    const auto found = std::ranges::find(readings.reads, read, &Read::read);
    return found == readings.reads.end() ? nullptr : &*found;
}

std::string word_of(const Readings& readings, std::string_view read, std::string_view word) {
    const Read* found = find_read(readings, read);
    if (found == nullptr) {
        return {};
    }
    const auto fact = std::ranges::find(found->facts, word, &Word::name);
    return fact == found->facts.end() ? std::string() : fact->value;
}

bool is_complete(const Facts& facts, std::string_view read) {
    return std::ranges::any_of(facts.complete, [&](const CompleteListing& one) { return one.read == read; });
}

}  // namespace whylink::control::arm_test
