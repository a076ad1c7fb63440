#include "control/reading.hpp"

#include <algorithm>

#include "config/outside_text.hpp"

namespace whylink::control {

Read read_of(const config::Account& account, std::string_view read, const Reply& reply) {
    Read made;
    made.account = account.name;
    made.read = read;
    made.result = reply.result;
    made.read_at = reply.read_at;
    made.detail = reply.detail;
    return made;
}

Origin origin_of(const config::Account& account, const Reply& reply) {
    return {account.name, reply.read_at};
}

void add_word(Read& read, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        read.facts.push_back({std::string(name), outside_text(value)});
    }
}

void add_word(Read& read, std::string_view name, std::vector<std::string> values) {
    std::ranges::sort(values);
    std::string joined;
    for (const std::string& value : values) {
        joined += joined.empty() ? value : ", " + value;
    }
    add_word(read, name, joined);
}

Reply unreadable(Reply reply, std::string_view what) {
    reply.result = Result::error;
    reply.detail = "answer not readable: " + std::string(what);
    return reply;
}

Access access_of(Op op, const Reply& reply) {
    const Operation& row = operation(op);
    return {std::string(row.name), std::string(row.permission), reply.result, reply.detail};
}

}  // namespace whylink::control
