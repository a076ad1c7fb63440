#include "control/aws/listing.hpp"

#include <algorithm>
#include <iterator>

#include "control/http/operations.hpp"

namespace whylink::control {

namespace {

/// A listing that is being read.
struct Open {
    Listing* listing = nullptr;
    std::string token;
    std::vector<Call> later;  ///< with values that did not fit into one call; the next one is the last
};

Open open_of(Listing& listing) {
    std::vector<Call> calls = split_values(listing.call);
    std::ranges::reverse(calls);
    listing.call = std::move(calls.back());
    calls.pop_back();
    return {&listing, {}, std::move(calls)};
}

void end_early(Listing& listing, std::string_view why) {
    listing.reply.result = Result::error;
    listing.reply.detail = std::string(operation(listing.call.op).name) + ": " + std::string(why);
}

/// False: this was the last page of the last call.
bool take_page(Open& open, Reply reply) {
    Listing& listing = *open.listing;
    listing.reply = std::move(reply);
    if (listing.reply.result != Result::ok) {
        return false;
    }
    std::optional<std::string> next = listing.take(listing.reply);
    if (!next) {
        listing.reply = unreadable(std::move(listing.reply), operation(listing.call.op).name);
        return false;
    }
    listing.complete = next->empty() && open.later.empty();
    if (listing.complete) {
        return false;
    }
    const bool leads_to_itself = !next->empty() && *next == open.token;
    if (leads_to_itself || --listing.pages == 0) {
        end_early(listing, leads_to_itself ? "a page leads to itself" : "too many pages");
        return false;
    }
    open.token = std::move(*next);
    if (open.token.empty()) {
        listing.call = std::move(open.later.back());
        open.later.pop_back();
        return true;
    }
    set_page(listing.call, open.token);
    return true;
}

}  // namespace

void read_all(const Reading& reading, std::vector<Listing>& listings) {
    std::vector<Open> open;
    open.reserve(listings.size());
    for (Listing& listing : listings) {
        open.push_back(open_of(listing));
    }
    while (!open.empty()) {
        std::vector<Call> calls;
        calls.reserve(open.size());
        for (const Open& one : open) {
            calls.push_back(one.listing->call);
        }
        std::vector<Reply> replies = reading.caller.call_all(calls, reading.terms);
        std::vector<Open> still_open;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (take_page(open[i], std::move(replies[i]))) {
                still_open.push_back(std::move(open[i]));
            }
        }
        open = std::move(still_open);
    }
}

void add_failures(const Reading& reading, const std::vector<Listing>& listings,
                  const std::vector<std::string>& targets, std::vector<Read>& reads) {
    std::vector<Read> failed;
    for (const Listing& listing : listings) {
        if (listing.reply.result == Result::ok) {
            continue;
        }
        Read read = read_of(reading.account, listing.read, listing.reply);
        read.targets = targets;
        const bool is_new = std::ranges::none_of(failed, [&](const Read& other) {
            return other.read == read.read && other.result == read.result && other.detail == read.detail;
        });
        if (is_new) {
            failed.push_back(std::move(read));
        }
    }
    reads.insert(reads.end(), std::make_move_iterator(failed.begin()), std::make_move_iterator(failed.end()));
}

Listing single(std::string read, Call call, std::function<bool(const Reply&)> take) {
    return {std::move(read), std::move(call), [take = std::move(take)](const Reply& reply) {
                return take(reply) ? std::optional(std::string()) : std::nullopt;
            }};
}

}  // namespace whylink::control
