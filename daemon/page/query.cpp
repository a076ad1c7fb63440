#include "daemon/page/query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checks/texts/causes.hpp"
#include "config/ascii.hpp"
#include "config/outside_text.hpp"
#include "daemon/report/human/target_text.hpp"

namespace whylink::daemon::page {
namespace {

/// Of what a client sent, in an answer.
constexpr std::size_t max_quoted = 100;

/// Parses a word of `E` into `value`; says what is allowed where it is none.
template <class E>
std::string assign(std::optional<E>& value, const std::string& key, const std::string& word) {
    value = from_slug<E>(word);
    return value ? std::string()
                 : fmt::format("{} is one of {}, not \"{}\"", key, fmt::join(slugs_of<E>, ", "),
                               shortened(word, max_quoted));
}

std::string assign_page(std::size_t& page, const std::string& word) {
    const auto number = parse_number<std::size_t>(word);
    page = number.value_or(1);
    return number && *number > 0
               ? std::string()
               : fmt::format("page is a number from 1 on, not \"{}\"", shortened(word, max_quoted));
}

/// What is wrong; empty when all is well.
std::string apply(const std::string& key, const std::string& value, Query& query) {
    if (key == "q") {
        query.search = value;
    } else if (key == "state") {
        query.unstable = value == unstable_slug;
        return query.unstable ? std::string() : assign(query.state, key, value);
    } else if (key == "cause") {
        return assign(query.cause, key, value);
    } else if (key == "kind") {
        return assign(query.kind, key, value);
    } else if (key == "label") {
        query.label = value;
    } else if (key == "name") {
        query.names.push_back(value);
    } else if (key == "page") {
        return assign_page(query.page, value);
    }
    return {};
}

bool has_label(const TargetStatus& status, std::string_view wanted) {
    return std::ranges::any_of(status.labels(), [wanted](const auto& label) {
        const auto& [key, value] = label;
        return wanted.size() == key.size() + 1 + value.size() && wanted.starts_with(key) &&
               wanted[key.size()] == '=' && wanted.ends_with(value);
    });
}

std::optional<Cause> cause_of(const TargetStatus& status) {
    return status.verdict == nullptr ? std::nullopt : std::optional(status.verdict->decision.cause);
}

bool has_text(const TargetStatus& status, const std::string& search) {
    const std::string wanted = lower_case(search);
    const auto holds = [&wanted](const std::string& text) {
        return lower_case(text).find(wanted) != std::string::npos;
    };
    if (holds(status.name()) || holds(text_of(*status.target).what)) {
        return true;
    }
    const auto cause = cause_of(status);
    if (cause && (holds(std::string(slug(*cause))) || holds(checks::text(*cause).title))) {
        return true;
    }
    return std::ranges::any_of(
        status.labels(), [&holds](const auto& label) { return holds(label.first + "=" + label.second); });
}

}  // namespace

std::variant<Query, std::string> parse_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
    Query query;
    for (const auto& [key, value] : pairs) {
        std::string fault = value.empty() ? std::string() : apply(key, value, query);
        if (!fault.empty()) {
            return fault;
        }
    }
    return query;
}

Link link_to(const Query& query, std::size_t page) {
    Link link = Link::home();
    if (!query.search.empty()) {
        link.with("q", query.search);
    }
    if (query.state) {
        link.with("state", slug(*query.state));
    }
    if (query.unstable) {
        link.with("state", unstable_slug);
    }
    if (query.cause) {
        link.with("cause", slug(*query.cause));
    }
    if (query.kind) {
        link.with("kind", slug(*query.kind));
    }
    if (!query.label.empty()) {
        link.with("label", query.label);
    }
    for (const std::string& name : query.names) {
        link.with("name", name);
    }
    if (page > 1) {
        link.with("page", std::to_string(page));
    }
    return link;
}

bool matches(const TargetStatus& status, const Query& query) {
    return (!query.state || *query.state == state_of(status)) &&
           (!query.kind || *query.kind == status.kind()) &&
           (!query.cause || query.cause == cause_of(status)) &&
           (query.label.empty() || has_label(status, query.label)) &&
           (query.names.empty() || std::ranges::find(query.names, status.name()) != query.names.end()) &&
           (query.search.empty() || has_text(status, query.search));
}

}  // namespace whylink::daemon::page
