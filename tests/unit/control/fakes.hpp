// A host and a network of a test's own: variables, files, a clock; and an HTTP that answers as it is told.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/credentials/environment.hpp"
#include "control/http/caller.hpp"
#include "control/http/transport.hpp"

namespace whylink::control {

class FakeEnvironment : public Environment {
  public:
    std::map<std::string, std::string, std::less<>> variables;
    std::map<std::string, std::string> files;
    std::chrono::system_clock::time_point time = std::chrono::system_clock::from_time_t(1'440'938'160);
    std::string az;  ///< empty: not installed

    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
    std::variant<std::string, Unreadable> read_file(const std::string& path) const override {
        const auto found = files.find(path);
        if (found == files.end()) {
            return Unreadable{2, "No such file or directory"};
        }
        return found->second;
    }
    std::chrono::system_clock::time_point now() const override { return time; }
    std::variant<std::string, Unreadable> az_access_token(std::string_view /*tenant*/) const override {
        if (az.empty()) {
            return Unreadable{2, "No such file or directory"};
        }
        return az;
    }
};

/// What was sent, in words that a test compares.
struct Sent {
    std::string method;
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
    bool through_proxy = true;
};

class FakeTransport : public Transport {
  public:
    std::vector<Sent> sent;
    std::function<HttpResponse(const Sent&)> answers = [](const Sent&) { return unanswered(); };

    static HttpResponse answer(int status, std::string body = {}, std::vector<Pair> headers = {}) {
        HttpResponse response;
        response.status = status;
        response.body = std::move(body);
        response.headers = std::move(headers);
        response.received_at = std::chrono::system_clock::now();
        return response;
    }
    static HttpResponse unanswered(Failure failure = Failure::timeout) {
        HttpResponse response;
        response.failure = failure;
        response.error = "as the test says";
        response.received_at = std::chrono::system_clock::now();
        return response;
    }

    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      std::chrono::steady_clock::time_point /*until*/) override {
        std::vector<HttpResponse> responses;
        for (const HttpRequest& request : requests) {
            Sent one;
            one.method = slug(request.method);
            one.url = url_of(request);
            for (const Header& header : request.headers) {
                one.headers[header.name] = header.value.reveal();
            }
            one.body = request.body.reveal();
            one.through_proxy = request.through_proxy;
            sent.push_back(one);
            responses.push_back(answers(one));
        }
        return responses;
    }
};

inline std::chrono::steady_clock::time_point soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

}  // namespace whylink::control
