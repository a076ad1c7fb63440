// What each provider's reader is given, and how it makes a Read of a Reply. A reader asks in as few calls as it can,
// parses what it got and judges nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"
#include "config/account.hpp"
#include "control/http/caller.hpp"
#include "control/protocol/messages.hpp"

namespace whylink::control {

/// Valid for one request.
struct Reading {
    const config::Account& account;
    Caller& caller;
    Terms terms;
    /// All targets of the account: a reader lists once and hands out to all.
    std::span<const Subject> subjects;
    /// This host, where its cloud's metadata service answered; null: not known.
    const Instance* instance = nullptr;
};

/// A read of this account that ended as the reply says: result, time and detail, no words yet.
Read read_of(const config::Account& account, std::string_view read, const Reply& reply);
Origin origin_of(const config::Account& account, const Reply& reply);

/// Adds a word as config/outside_text.hpp makes it; nothing where the value is empty.
void add_word(Read& read, std::string_view name, std::string_view value);
void add_word(Read& read, std::string_view name, std::vector<std::string> values);

/// The reply could not be parsed: `error` in place of `ok`, with what is wrong.
Reply unreadable(Reply reply, std::string_view what);

/// A row of account check: the operation with the result of a call of it.
Access access_of(Op op, const Reply& reply);

}  // namespace whylink::control
