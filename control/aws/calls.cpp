#include "control/aws/calls.hpp"

#include <algorithm>

#include "control/aws/dialect.hpp"

namespace whylink::control {

namespace {

void set(std::vector<Pair>& pairs, std::string_view name, std::string_view value) {
    const auto found = std::ranges::find(pairs, name, &Pair::first);
    if (found == pairs.end()) {
        pairs.emplace_back(name, value);
    } else {
        found->second = value;
    }
}

std::size_t filters_of(const Call& call) {
    return static_cast<std::size_t>(std::ranges::count_if(call.form, [](const Pair& pair) {
        return pair.first.starts_with("Filter.") && pair.first.ends_with(".Name");
    }));
}

/// `call` once for each max_values of the parameters that begin with `prefix`.
void add_split(std::vector<Call>& calls, const Call& call, const std::string& prefix) {
    Call rest = call;
    std::vector<std::string> values;
    std::erase_if(rest.form, [&](const Pair& pair) {
        const bool is_value = pair.first.starts_with(prefix);
        if (is_value) {
            values.push_back(pair.second);
        }
        return is_value;
    });
    for (std::size_t begin = 0; begin == 0 || begin < values.size(); begin += max_values) {
        Call& made = calls.emplace_back(rest);
        for (std::size_t i = begin; i < std::min(begin + max_values, values.size()); ++i) {
            made.form.emplace_back(prefix + std::to_string(i - begin + 1), values[i]);
        }
    }
}

/// "name type identifier", as parse_record_sets() gives it.
void set_record(Call& call, std::string_view token) {
    for (const char* part : {"name", "type", "identifier"}) {
        const std::size_t space = std::min(token.find(' '), token.size());
        if (space > 0) {
            set(call.query, part, token.substr(0, space));
        } else {
            std::erase_if(call.query, [&](const Pair& pair) { return pair.first == part; });
        }
        token.remove_prefix(std::min(space + 1, token.size()));
    }
}

}  // namespace

Call aws_call(Op op, const std::string& region) {
    Call call;
    call.op = op;
    call.path = {{"region", region}, {"suffix", std::string(domain_suffix(region))}};
    return call;
}

void add_filter(Call& call, std::string_view name, std::span<const std::string> values) {
    const std::string filter = "Filter." + std::to_string(filters_of(call) + 1);
    call.form.emplace_back(filter + ".Name", name);
    for (std::size_t i = 0; i < values.size(); ++i) {
        call.form.emplace_back(filter + ".Value." + std::to_string(i + 1), values[i]);
    }
}

std::vector<Call> split_values(const Call& call) {
    std::vector<Call> calls(1, call);
    for (std::size_t filter = 1; filter <= filters_of(call); ++filter) {
        std::vector<Call> split;
        for (const Call& one : calls) {
            add_split(split, one, "Filter." + std::to_string(filter) + ".Value.");
        }
        calls = std::move(split);
    }
    return calls;
}

void add_members(Call& call, std::string_view list, std::span<const std::string> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        call.form.emplace_back(std::string(list) + ".member." + std::to_string(i + 1), values[i]);
    }
}

void set_page(Call& call, std::string_view token) {
    switch (operation(call.op).api) {
        case Api::elb:
            set(call.form, "Marker", token);
            break;
        case Api::route53:
            if (call.op == Op::route53_record_sets) {
                set_record(call, token);
            } else {
                set(call.query, "nexttoken", token);
            }
            break;
        default:
            set(call.form, "NextToken", token);
    }
}

}  // namespace whylink::control
