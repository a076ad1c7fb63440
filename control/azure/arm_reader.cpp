#include "control/azure/arm_reader.hpp"

#include <algorithm>

#include "config/ascii.hpp"

namespace whylink::control {

Call ArmReader::of_subscription(Op op) const {
    Call call;
    call.op = op;
    call.path = {{"management", cloud_.management}, {"subscription", subscription_}};
    return call;
}

Call ArmReader::of_resource(Op op, const ResourceId& id) const {
    Call call;
    call.op = op;
    call.path = id.placeholders();
    call.path.emplace_back("management", cloud_.management);
    return call;
}

Call ArmReader::of_zone(Op op, const ResourceId& zone, std::string_view record) const {
    Call call;
    call.op = op;
    call.path = {{"management", cloud_.management},
                 {"subscription", zone.subscription},
                 {"group", zone.group},
                 {"zone", zone.names.front()}};
    if (!record.empty()) {
        call.path.emplace_back("name", record);
    }
    return call;
}

std::vector<Call> ArmReader::calls_of(Op op, std::string_view type, const std::set<std::string>& ids,
                                      std::vector<std::string>& asked) const {
    std::vector<Call> calls;
    for (const std::string& text : ids) {
        const auto id = ResourceId::parse(text);
        if (id && id->is(type)) {
            calls.push_back(of_resource(op, *id));
            asked.push_back(text);
        }
    }
    return calls;
}

void ArmReader::end_early(Reply& reply, Op op) {
    if (reply.result == Result::ok) {
        reply = unreadable(std::move(reply), operation(op).name);
    }
    reply.body.clear();
}

bool ArmReader::go_on(Reply& reply, Call& call, std::string_view link) {
    const std::optional<Call> next = follow(call, link);
    if (next && *next != call) {
        call = *next;
        return true;
    }
    reply.result = Result::error;
    reply.detail =
        std::string(operation(call.op).name) + (next ? ": the link to the next page leads to itself"
                                                     : ": the link to the next page leads elsewhere");
    reply.body.clear();
    return false;
}

void ArmReader::too_many_pages(Reply& reply, Op op) {
    reply.result = Result::error;
    reply.detail =
        std::string(operation(op).name) + ": more than " + std::to_string(max_arm_pages) + " pages";
    reply.body.clear();
}

void ArmReader::want(std::string_view id, const Targets& targets) {
    if (!id.empty()) {
        wanted_[lower_case(id)].insert(targets.begin(), targets.end());
    }
}

Targets ArmReader::targets_of(std::string_view id) const {
    const auto found = wanted_.find(lower_case(id));
    return found != wanted_.end() ? found->second : all_targets_;
}

void ArmReader::fail(std::string_view read, const Reply& reply, const Targets& targets) {
    const auto same = [&](const Read& other) {
        return other.read == read && other.result == reply.result && other.detail == reply.detail;
    };
    const auto found = std::ranges::find_if(made_.reads, same);
    if (found == made_.reads.end() || reply.result == Result::ok) {
        say(read, reply, targets);
        return;
    }
    Targets all(found->targets.begin(), found->targets.end());
    all.insert(targets.begin(), targets.end());
    found->targets.assign(all.begin(), all.end());
}

Read& ArmReader::say(std::string_view read, const Reply& reply, const Targets& targets) {
    Read& made = made_.reads.emplace_back(read_of(reading_.account, read, reply));
    made.targets.assign(targets.begin(), targets.end());
    return made;
}

void ArmReader::mark_complete(std::string_view read, const Reply& reply) {
    mark_complete(read, reply, subscription_);
}

void ArmReader::mark_complete(std::string_view read, const Reply& reply, std::string_view scope) {
    made_.facts.complete.push_back({origin(reply), std::string(read), std::string(scope)});
}

}  // namespace whylink::control
