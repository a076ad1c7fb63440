// Azure Resource Manager for tests of its readers: answers by path, permissions that can be taken away, and what was
// asked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/azure/dialect.hpp"
#include "control/azure/resource_id.hpp"
#include "control/http/caller.hpp"
#include "control/http/transport.hpp"
#include "control/reading.hpp"

namespace whylink::control::arm_test {

inline const std::string subscription = "11111111-0000-4000-8000-000000000001";
inline const AzureCloud cloud{"management.azure.com", "login.microsoftonline.com"};

/// "/subscriptions/…/resourceGroups/rg/providers/Microsoft.Network/REST"
std::string network_id(std::string_view rest);
/// "/subscriptions/…/providers/Microsoft.Network/REST": a listing.
std::string listing(std::string_view rest);

class FakeArm : public Transport {
  public:
    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      std::chrono::steady_clock::time_point until) override;

    /// Of a path, or of "path?query" for one page of it. Without an answer it is not found.
    void answer(std::string_view path, std::string body, int status = 200, std::vector<Pair> headers = {});
    /// Answers in their order; the last one stays.
    void answer_in_order(std::string_view path, std::vector<HttpResponse> responses);
    /// 403 for each operation with this permission.
    void deny(std::string_view permission) { denied_.emplace(permission); }

    bool was_asked(std::string_view path) const;
    std::size_t times(std::string_view path) const;

    std::vector<std::string> asked;  ///< "GET /subscriptions/…?query"

  private:
    HttpResponse respond(const HttpRequest& request);

    std::map<std::string, std::vector<HttpResponse>> answers_;
    std::set<std::string, std::less<>> denied_;
};

/// Every request is authorised.
class FakeDialect : public Dialect {
  public:
    std::optional<CredentialFault> authorise(HttpRequest& /*request*/,
                                             std::chrono::steady_clock::time_point /*until*/) override {
        return std::nullopt;
    }
    Reply classify(const Operation& operation, const HttpResponse& response) const override {
        return classify_arm(operation, response);
    }
    bool renew() override { return false; }
};

/// What a reader needs around the fake.
struct Account {
    FakeArm arm;
    FakeDialect dialect;
    Redaction redaction;
    Caller caller{arm, dialect, redaction};
    config::Account account;

    Account();
    Reading reading(std::span<const Subject> subjects, const Instance* instance = nullptr);
};

HttpResponse response(int status, std::string body, std::vector<Pair> headers = {});
IpAddress address(std::string_view text);
/// {"value": [ITEMS]} with a link to the next page.
std::string page(std::string_view items, std::string_view next = {});
const Read* find_read(const Readings& readings, std::string_view read);
/// The value of a word of the first read with that name; empty where there is none.
std::string word_of(const Readings& readings, std::string_view read, std::string_view word);
bool is_complete(const Facts& facts, std::string_view read);

}  // namespace whylink::control::arm_test
