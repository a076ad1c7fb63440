// Listings of AWS, several at once, each page by page to its end.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/aws/calls.hpp"
#include "control/aws/xml.hpp"
#include "control/page.hpp"
#include "control/reading.hpp"

namespace whylink::control {

/// Pages of one listing that are read.
inline constexpr int max_pages = 50;

struct Listing {
    std::string read;  ///< what reports call it: "vpc_endpoint"
    Call call;
    /// Takes a page; gives the token of the next one, or nothing where the body is not what it should be.
    std::function<std::optional<std::string>(const Reply&)> take;
    /// Of the page that ended it.
    Reply reply = {};
    /// All pages were read: absence proves something.
    bool complete = false;
    int pages = max_pages;  ///< that may still be read
};

/// Reads each to its end, or to what ends it early; what came before counts. Values beyond those that one call takes are
/// asked for in further ones.
void read_all(const Reading& reading, std::vector<Listing>& listings);

/// A read for each that ended early, about `targets`; one where several ended in the same way.
void add_failures(const Reading& reading, const std::vector<Listing>& listings,
                  const std::vector<std::string>& targets, std::vector<Read>& reads);

/// A call without pages: `take` is false where the body is not what it should be.
Listing single(std::string read, Call call, std::function<bool(const Reply&)> take);

/// A thing that fits values of several calls comes with each of them.
template <class T>
bool is_repeated(const std::vector<T>& items, const T& item) {
    if constexpr (requires { item.id; }) {
        return !item.id.empty() && std::ranges::find(items, item.id, &T::id) != items.end();
    }
    return false;
}

/// A listing whose items go behind those of `into`, which outlives it.
template <class T>
Listing listing(const Reading& reading, std::string read, Call call, Parsed<T> (*parse)(std::string_view),
                std::vector<T>& into) {
    const config::Account& account = reading.account;
    const bool several = split_values(call).size() > 1;
    return {std::move(read), std::move(call),
            [&account, parse, several, &into](const Reply& reply) -> std::optional<std::string> {
                Parsed<T> page = parse(reply.body);
                if (!page) {
                    return std::nullopt;
                }
                for (T& item : page->items) {
                    if (several && is_repeated(into, item)) {
                        continue;
                    }
                    if constexpr (requires { item.origin; }) {
                        item.origin = origin_of(account, reply);
                    }
                    into.push_back(std::move(item));
                }
                return std::move(page->next);
            }};
}

}  // namespace whylink::control
