// What the daemon and the reader of accounts say to each other, as types. On the wire each message is one line of JSON
// (json.hpp) over a Unix stream socket; the reader answers each request once, in any order.
//
// A request names files that hold secrets, never their content, and an answer never has one: the daemon cannot leak what
// it does not see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/read.hpp"
#include "checks/control/subject.hpp"
#include "config/account.hpp"

namespace whylink::control {

/// Bytes of one line, with its line feed. A longer one ends the connection.
inline constexpr std::size_t max_request_line = 4UL << 20;
inline constexpr std::size_t max_answer_line = 16UL << 20;
/// Requests of one connection that are not answered yet; the next one waits.
inline constexpr std::size_t max_open_requests = 64;

/// Where the reader listens under systemd.
inline constexpr std::string_view socket_path = "/run/whylink/control.sock";

/// Read what an account has about these targets.
struct ReadRequest {
    std::uint64_t id = 0;  ///< of the request; the answer has it too
    config::Account account;
    /// All targets that use this account, so that one listing serves them all.
    std::vector<Subject> subjects;
    /// What was read before this is read again: the start of a new failure.
    std::optional<Time> not_before;
    /// The answer comes by then, with what was read so far; what was not is `unreachable`.
    std::uint32_t timeout_ms = 10'000;
    bool operator==(const ReadRequest&) const = default;
};

/// Which reads this account's identity may make. Makes each of them once, with the least that it can list.
struct CheckRequest {
    std::uint64_t id = 0;
    config::Account account;
    std::uint32_t timeout_ms = 30'000;
    bool operator==(const CheckRequest&) const = default;
};

/// Where this host runs, by the metadata service of its cloud.
struct WhereRequest {
    std::uint64_t id = 0;
    /// The cloud that this host looks like; none: each is asked.
    std::optional<config::Cloud> cloud;
    std::uint32_t timeout_ms = 1'000;
    bool operator==(const WhereRequest&) const = default;
};

using Request = std::variant<ReadRequest, CheckRequest, WhereRequest>;

/// How often an operation was called for a request, for the metrics: answers from memory do not count.
struct Calls {
    std::string read;  ///< the operation: "ec2:DescribeVpcEndpoints"
    Result result = Result::ok;
    std::uint64_t count = 0;
    bool operator==(const Calls&) const = default;
};

/// Of a ReadRequest, and of a WhereRequest (with `instances` alone).
struct ReadAnswer {
    std::uint64_t id = 0;
    Readings readings;
    std::vector<Calls> calls;
    bool operator==(const ReadAnswer&) const = default;
};

/// One operation of an account check.
struct Access {
    std::string operation;   ///< "ec2:DescribeVpcEndpoints", "GET privateEndpoints"
    std::string permission;  ///< the provider's name of what is needed
    Result result = Result::ok;
    std::string detail;
    bool operator==(const Access&) const = default;
};

struct CheckAnswer {
    std::uint64_t id = 0;
    std::string account;
    /// Whom the provider takes it for: ARN, application, organization; empty: not known.
    std::string identity;
    std::string source;  ///< where the credentials were found: "environment", "IMDS role NAME"
    std::vector<Access> access;
    /// The smallest policy or role that grants what is missing, as the provider takes it; empty: nothing is missing.
    std::string policy;
    bool operator==(const CheckAnswer&) const = default;
};

/// The request could not be understood or taken: a fault of the program or another version of it, not of an account.
struct Refusal {
    std::uint64_t id = 0;
    std::string reason;
    bool operator==(const Refusal&) const = default;
};

using Answer = std::variant<ReadAnswer, CheckAnswer, Refusal>;

}  // namespace whylink::control
