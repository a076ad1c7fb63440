// How readers of Azure ask: lists page by page, resources several at once. What fails becomes a Read of its own, about
// the targets that wanted it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/ascii.hpp"
#include "control/azure/resource_id.hpp"
#include "control/credentials/azure.hpp"
#include "control/page.hpp"
#include "control/reading.hpp"

namespace whylink::control {

/// Pages of one list that are read.
inline constexpr int max_arm_pages = 50;

/// What was read of a list.
template <class T>
struct ArmList {
    std::vector<T> items;
    bool complete = false;
    Reply reply;  ///< of the page that ended it, without its body
};

using Targets = std::set<std::string>;

class ArmReader {
  public:
    /// All outlive it.
    ArmReader(const Reading& reading, const std::string& subscription, const AzureCloud& cloud)
        : reading_(reading), subscription_(subscription), cloud_(cloud) {}

    Call of_subscription(Op op) const;
    Call of_resource(Op op, const ResourceId& id) const;
    /// `record` is the name of a record in the zone; empty: of the zone itself.
    Call of_zone(Op op, const ResourceId& zone, std::string_view record = {}) const;

    /// To the end, or to what ends it early: what came before counts.
    template <class T>
    ArmList<T> list(Call call, Parsed<T> (*parse)(std::string_view)) const {
        ArmList<T> all;
        for (int page = 0; page < max_arm_pages; ++page) {
            all.reply = reading_.caller.call(call, reading_.terms);
            Parsed<T> parsed = all.reply.result == Result::ok ? parse(all.reply.body) : std::nullopt;
            if (!parsed) {
                end_early(all.reply, call.op);
                return all;
            }
            take(all, std::move(parsed->items));
            all.complete = parsed->next.empty();
            if (all.complete || !go_on(all.reply, call, parsed->next)) {
                return all;
            }
        }
        too_many_pages(all.reply, call.op);
        return all;
    }

    /// The resources of `type` with these IDs, all at once. Other IDs are not asked for.
    template <class T>
    void each(Op op, std::string_view type, std::string_view read, const std::set<std::string>& ids,
              Parsed<T> (*parse)(std::string_view), const std::function<void(T&, const Reply&)>& take_item) {
        std::vector<std::string> asked;
        const std::vector<Call> calls = calls_of(op, type, ids, asked);
        std::vector<Reply> replies = reading_.caller.call_all(calls, reading_.terms);
        for (std::size_t i = 0; i < replies.size(); ++i) {
            Parsed<T> parsed = replies[i].result == Result::ok ? parse(replies[i].body) : std::nullopt;
            if (!parsed) {
                end_early(replies[i], op);
                fail(read, replies[i], targets_of(asked[i]));
                continue;
            }
            for (T& item : parsed->items) {
                set_origin(item, replies[i]);
                take_item(item, replies[i]);
            }
        }
    }

    /// Which targets want to know of a resource.
    void want(std::string_view id, const Targets& targets);
    /// Of one that nobody wants, all of this side.
    Targets targets_of(std::string_view id) const;
    bool is_wanted(std::string_view id) const { return wanted_.contains(lower_case(id)); }
    void set_all_targets(Targets targets) { all_targets_ = std::move(targets); }
    const Targets& all_targets() const { return all_targets_; }

    /// Reads that ended in the same way are one.
    void fail(std::string_view read, const Reply& reply, const Targets& targets);
    /// A read that ended well; the words are the caller's to add.
    Read& say(std::string_view read, const Reply& reply, const Targets& targets);
    Origin origin(const Reply& reply) const { return origin_of(reading_.account, reply); }
    /// A listing of the subscription that was read to its end.
    void mark_complete(std::string_view read, const Reply& reply);
    /// The same of what a resource has.
    void mark_complete(std::string_view read, const Reply& reply, std::string_view scope);

    const Reading& reading() const { return reading_; }
    Facts& facts() { return made_.facts; }
    const Facts& facts() const { return made_.facts; }
    Readings finish() { return std::move(made_); }

  private:
    template <class T>
    void set_origin(T& item, const Reply& reply) const {
        if constexpr (requires { item.origin; }) {
            item.origin = origin(reply);
        }
    }

    template <class T>
    void take(ArmList<T>& all, std::vector<T> items) const {
        for (T& item : items) {
            set_origin(item, all.reply);
            all.items.push_back(std::move(item));
        }
    }

    std::vector<Call> calls_of(Op op, std::string_view type, const std::set<std::string>& ids,
                               std::vector<std::string>& asked) const;
    /// A reply that is `ok` was not to be read.
    static void end_early(Reply& reply, Op op);
    static bool go_on(Reply& reply, Call& call, std::string_view link);
    static void too_many_pages(Reply& reply, Op op);

    const Reading& reading_;
    const std::string& subscription_;
    const AzureCloud& cloud_;
    std::map<std::string, Targets> wanted_;
    Targets all_targets_;
    Readings made_;
};

}  // namespace whylink::control
