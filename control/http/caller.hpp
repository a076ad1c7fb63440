// Makes the calls of one account: authorised, paced, repeated where that helps, remembered, and with every end of it
// named by a Result. Readers see nothing else of HTTP.
#pragma once

#include <chrono>
#include <map>
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

/// One without an answer.
Reply failed(Result result, std::string detail);

/// Why there are no credentials.
struct CredentialFault {
    Result result = Result::credentials;  ///< or `unreachable`, `throttled`, `error`: of the token service
    std::string detail;
};

/// A token service answered with an HTTP status other than success: it is throttled (429), fails itself (500 and above),
/// or refuses.
CredentialFault without_token(int status, std::string detail);

/// The provider's part of a call.
class Dialect {
  public:
    virtual ~Dialect() = default;
    /// Adds what authorises it. `until`: by when credentials must be found.
    virtual std::optional<CredentialFault> authorise(HttpRequest& request,
                                                     std::chrono::steady_clock::time_point until) = 0;
    /// What a response with an HTTP status means: result, code and detail. The body is the caller's to hand on.
    virtual Reply classify(const Operation& operation, const HttpResponse& response) const = 0;
    /// The credentials were refused: the next authorise() finds new ones. False: there are no others.
    virtual bool renew() = 0;
};

/// Within which a reader works.
struct Terms {
    std::chrono::steady_clock::time_point until;
    /// What was read before then is not taken from memory.
    Time not_before{};
};

/// For one thread at a time.
class Caller {
  public:
    /// All outlive it.
    Caller(Transport& transport, Dialect& dialect, Redaction& redaction);

    Reply call(const Call& call, const Terms& terms);
    /// The same of several at once; replies in their order.
    std::vector<Reply> call_all(std::span<const Call> calls, const Terms& terms);

    /// Calls that were sent since the last time this was asked.
    struct Count {
        Op op{};
        Result result{};
        std::uint64_t count = 0;
    };
    std::vector<Count> take_counts();

  private:
    using Clock = std::chrono::steady_clock;
    struct Attempt;

    const Reply* recall(const Call& call, const Terms& terms) const;
    void remember(const Call& call, const Reply& reply);
    void prepare(Attempt& attempt, const Terms& terms);
    void send(std::span<Attempt* const> batch, const Terms& terms);
    void conclude(Attempt& attempt, HttpResponse response, const Terms& terms);
    void end(Attempt& attempt, Reply reply);
    TokenBucket& bucket(Api api);

    Transport& transport_;
    Dialect& dialect_;
    Redaction& redaction_;
    std::map<Call, Reply> memory_;
    std::size_t memory_bytes_ = 0;
    std::map<Api, TokenBucket> buckets_;
    std::map<std::pair<Op, Result>, std::uint64_t> counts_;
};

/// How long an answer asks to wait: Retry-After in seconds or X-RateLimit-Reset in seconds; none where it does not say.
std::optional<std::chrono::seconds> asked_wait(const HttpResponse& response);

}  // namespace whylink::control
