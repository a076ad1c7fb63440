// Makes the calls of one account: authorised, paced, repeated where that helps, remembered, and with every end of it
// named by a Result. Readers see nothing else of HTTP.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "checks/control/read.hpp"
#include "control/http/call.hpp"
#include "control/http/token_bucket.hpp"
#include "control/http/transport.hpp"
#include "control/secrets/redaction.hpp"

namespace whylink::control {

/// What a reader gets of a call.
struct Reply {
    Result result = Result::error;
    std::string detail;  ///< for Read::detail: redacted, one line
    std::string code;    ///< the provider's error code: "InvalidVpcEndpointId.NotFound"
    int status = 0;
    std::string body;
    std::string location;  ///< of a 202
    Time read_at{};        ///< of one that was remembered: when it was read
    bool remembered = false;
};

/// Why there are no credentials.
struct CredentialFault {
    Result result = Result::credentials;  ///< or `unreachable`: the token service did not answer
    std::string detail;
};

/// The provider's part of a call.
class Dialect {
  public:
    virtual ~Dialect() = default;
    /// Adds what authorises it. `until`: by when credentials must be found.
    virtual std::optional<CredentialFault> authorise(HttpRequest& request,
                                                     std::chrono::steady_clock::time_point until) = 0;
    /// What a response with an HTTP status means: result, code and detail. The body is the caller's to hand on.
    virtual Reply classify(const Operation& operation, const HttpResponse& response) const = 0;
    /// The credentials were refused: the next authorise() finds them anew. False: there are no others.
    virtual bool renew() = 0;
};

/// Within which a reader works.
struct Terms {
    std::chrono::steady_clock::time_point until;
    /// What was read before then is not taken from memory.
    Time not_before{};
};

class Caller {
  public:
    /// All outlive it.
    Caller(Transport& transport, Dialect& dialect, Redaction& redaction);

    Reply call(const Call& call, const Terms& terms);
    /// The same of several at once; replies in their order.
    std::vector<Reply> call_all(std::span<const Call> calls, const Terms& terms);

    /// Calls that were sent since the last time this was asked: operation, result, count.
    struct Count {
        Op op{};
        Result result{};
        std::uint64_t count = 0;
    };
    std::vector<Count> take_counts();

  private:
    struct Attempt;
    std::optional<Reply> recall(const Call& call, const Terms& terms) const;
    void remember(const Call& call, const Reply& reply);
    void send(std::span<Attempt*> attempts, const Terms& terms);
    void conclude(Attempt& attempt, HttpResponse response, const Terms& terms);
    TokenBucket& bucket(Api api);
    void count(Op op, Result result);

    Transport& transport_;
    Dialect& dialect_;
    Redaction& redaction_;
    mutable std::mutex mutex_;
    std::map<Call, Reply> memory_;  ///< ok and not_found alone, bounded in bytes
    std::size_t memory_bytes_ = 0;
    std::map<Api, TokenBucket> buckets_;
    std::map<std::pair<Op, Result>, std::uint64_t> counts_;
};

}  // namespace whylink::control
