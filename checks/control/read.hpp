// What one read of an account's API gave, and where and when a fact was read. Knows no HTTP, JSON or socket library.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/vocabulary.hpp"

namespace whylink::control {

using WallClock = std::chrono::system_clock;
/// Seconds are not enough to tell a read before a failure from one after it.
using Time = std::chrono::time_point<WallClock, std::chrono::milliseconds>;

/// How a read ended. Only `ok` and `not_found` say anything about the link.
enum class Result : std::uint8_t {
    ok,
    not_found,    ///< the API answered that it does not exist (or that this identity may not know of it)
    forbidden,    ///< the permission is missing; `detail` names it
    credentials,  ///< refused, absent or expired, or the clock of this host is wrong; `detail` says which
    unreachable,  ///< time-out, no route, DNS or TLS
    throttled,    ///< not asked again before the reset
    error,        ///< not to be parsed, cut off, redirected or too large
};
consteval auto vocabulary(Result) {
    using enum Result;
    return terms<Result>({{ok, "ok"},
                          {not_found, "not_found", "not found"},
                          {forbidden, "forbidden", "permission missing"},
                          {credentials, "credentials", "credentials refused"},
                          {unreachable, "unreachable", "API not reachable"},
                          {throttled, "throttled"},
                          {error, "error", "answer not readable"}});
}

/// One word of a read in the provider's own spelling: "state" = "pendingAcceptance". A list is sorted and joined with
/// ", ".
struct Word {
    std::string name;
    std::string value;
    bool operator==(const Word&) const = default;
};

/// One read as reports show it (`control` of an entry): words, nothing judged.
struct Read {
    std::string account;
    std::string read;  ///< "vpc_endpoint", "security_group", "private_endpoint", "service", …
    Result result = Result::ok;
    Time read_at{};
    std::vector<Word> facts;
    std::string detail;  ///< why it failed: the permission, the error; never a secret
    /// The targets it is about; empty: all targets of the request.
    std::vector<std::string> targets;
    bool operator==(const Read&) const = default;
};

/// Where a typed fact comes from. One that is older than the failure proves nothing about it.
struct Origin {
    std::string account;
    Time read_at{};
    bool operator==(const Origin&) const = default;
};

/// A list that an API gave. Only of a complete one does absence prove anything: a page that failed, a link to another
/// host or a missing permission leaves it incomplete, and so does never having asked.
template <class T>
struct Listed {
    std::vector<T> items;
    bool complete = false;
    bool operator==(const Listed&) const = default;
};

}  // namespace whylink::control
