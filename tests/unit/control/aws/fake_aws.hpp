// AWS' APIs for tests of the readers: answers by action, permissions that can be taken away, and what was asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/aws/dialect.hpp"
#include "control/credentials/aws.hpp"
#include "control/http/caller.hpp"
#include "control/reading.hpp"
#include "tests/unit/control/fakes.hpp"

namespace whylink::control::test {

inline constexpr const char* region = "eu-west-1";

/// A request as the API reads it. The action of Route 53 is its path below the version: "hostedzonesbyvpc".
struct Asked {
    std::string host;
    std::string action;
    std::map<std::string, std::string> parameters;
};

class FakeAws : public Transport {
  public:
    using Answer = std::function<std::string(const Asked&)>;

    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      std::chrono::steady_clock::time_point until) override;

    /// The body of an action; without one it is "not found".
    void answer(const std::string& action, std::string body);
    void answer(const std::string& action, Answer body);
    void deny(const std::string& action) { denied_.insert(action); }
    /// Each answer ends so.
    void fail(Failure failure) { failure_ = failure; }

    const std::vector<Asked>& asked() const { return asked_; }
    std::size_t times(const std::string& action) const;
    /// The last request of an action.
    const Asked& last(const std::string& action) const;

  private:
    HttpResponse respond(const Asked& asked) const;

    std::map<std::string, Answer> answers_;
    std::set<std::string> denied_;
    Failure failure_ = Failure::none;
    std::vector<Asked> asked_;
};

/// What a reader needs around the fake.
class Account {
  public:
    Account();
    Reading reading(std::span<const Subject> subjects, const Instance* instance = nullptr);

    FakeAws aws;
    config::Account account;
    AwsCredentialChain& credentials() { return *credentials_; }

  private:
    FakeEnvironment environment_;  ///< with keys, and nothing else
    Redaction redaction_;
    std::unique_ptr<AwsCredentialChain> credentials_;
    std::unique_ptr<AwsDialect> dialect_;
    std::unique_ptr<Caller> caller_;
};

IpAddress ip(std::string_view text);
/// <ACTIONResponse xmlns=…>CONTENT</ACTIONResponse>
std::string ec2(const std::string& action, const std::string& content);
/// <ACTIONResponse><ACTIONResult>CONTENT</ACTIONResult></ACTIONResponse>
std::string elb(const std::string& action, const std::string& content);
/// The value of a word of the first read with that name; empty where there is none.
std::string word_of(const std::vector<Read>& reads, std::string_view read, std::string_view word);
/// The first read with that name; a failure where there is none.
Read read_named(const std::vector<Read>& reads, std::string_view read);

}  // namespace whylink::control::test
