#include "daemon/page/status_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <variant>

#include "config/duration.hpp"
#include "config/nearest.hpp"
#include "config/outside_text.hpp"
#include "daemon/page/overview.hpp"
#include "daemon/page/query.hpp"
#include "daemon/page/resources.hpp"
#include "daemon/page/target_page.hpp"

namespace whylink::daemon::page {
namespace {

using http::Response;

/// Of the strip and the counts of a target's page.
constexpr std::size_t past_parts = 84;
/// Of all targets together in one answer of the API.
constexpr std::size_t max_changes = 100'000;
constexpr std::size_t least_changes = 10;
/// Of what a client sent, in an answer.
constexpr std::size_t max_quoted = 100;

void secure(Response& response) {
    response.headers.emplace_back("Content-Security-Policy", content_security_policy);
    // Without any referrer, forms of the page would come from nowhere ("Origin: null").
    response.headers.emplace_back("Referrer-Policy", "same-origin");
    response.headers.emplace_back("X-Frame-Options", "DENY");
}

std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}\"", shortened(text, max_quoted));
}

template <class Names>
Response unknown_name(const std::string& name, std::string_view where, const Names& names) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    return http::plain(
        404, fmt::format("{} has the name {}{}", where, in_quotes(name), config::name_hint(name, known)));
}

Response unwatched(const Snapshot& snapshot, const std::string& name) {
    std::vector<std::string_view> known;
    for (const TargetStatusPtr& status : snapshot.targets) {
        known.emplace_back(status->name());
    }
    return unknown_name(name, "nothing that is watched", known);
}

/// The status of each name that the query has; else the first name that is not watched.
std::variant<const TargetStatus*, std::string> find(const Snapshot& snapshot, const Query& query) {
    const TargetStatus* found = nullptr;
    for (const std::string& name : query.names) {
        const auto status = std::ranges::find(snapshot.targets, name, &TargetStatus::name);
        if (status == snapshot.targets.end()) {
            return name;
        }
        found = status->get();
    }
    return found;
}

// ---- the history's API ----

struct HistoryQuery {
    std::vector<std::string> names;
    std::chrono::milliseconds since{std::chrono::hours(7 * 24)};
};

std::variant<HistoryQuery, std::string> parse_history_query(const Pairs& pairs) {
    HistoryQuery query;
    for (const auto& [key, value] : pairs) {
        if (key == "name") {
            query.names.push_back(value);
        } else if (key == "since") {
            const auto span = config::parse_duration(value);
            if (!span || span->count() == 0) {
                return fmt::format("since is a number and ms, s, m, h or d, such as 7d, not {}",
                                   in_quotes(value));
            }
            query.since = *span;
        } else {
            return "the query knows name and since, not " + in_quotes(key);
        }
    }
    return query;
}

/// The newest ones stay, so that no answer has more than a client can take.
void bound(Past& past) {
    const std::size_t each =
        std::max(max_changes / std::max<std::size_t>(past.targets.size(), 1), least_changes);
    for (TargetPast& target : past.targets) {
        if (target.changes.size() > each) {
            target.changes.erase(target.changes.begin(),
                                 target.changes.end() - static_cast<std::ptrdiff_t>(each));
        }
    }
}

}  // namespace

StatusPage::StatusPage(std::string version, std::filesystem::path history)
    : version_(std::move(version)), history_(std::move(history)) {
    if (!history_.empty()) {
        days_.emplace(history_);
    }
}

/// Null where it cannot be read: the page says so by itself, and shows the rest.
const Days* StatusPage::read_days(Time now) {
    try {
        return days_ ? &days_->read(now) : nullptr;
    } catch (const std::exception&) {
        return nullptr;
    }
}

std::optional<TargetPast> StatusPage::past_of(const std::string& name, Time now) const {
    if (history_.empty()) {
        return std::nullopt;
    }
    try {
        Past past = read_past(history_, {{name}, now - target_past, now, past_parts});
        return past.targets.empty() ? std::nullopt : std::optional(std::move(past.targets.front()));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

Response StatusPage::page(const Snapshot& snapshot, const Pairs& pairs, bool may_check, Time now) {
    const auto parsed = parse_query(pairs);
    if (const auto* fault = std::get_if<std::string>(&parsed)) {
        return http::plain(400, *fault);
    }
    const Query& query = std::get<Query>(parsed);
    const auto found = find(snapshot, query);
    if (const auto* name = std::get_if<std::string>(&found)) {
        return unwatched(snapshot, *name);
    }
    const Input input{snapshot, now, version_, read_days(now), may_check};
    Response response;
    response.content_type = "text/html; charset=utf-8";
    if (query.names.size() == 1) {
        const std::optional<TargetPast> past = past_of(query.names.front(), now);
        response.body = render_target(input, *std::get<const TargetStatus*>(found), past ? &*past : nullptr);
    } else {
        response.body = render_overview(input, query);
    }
    secure(response);
    return response;
}

Response StatusPage::history(const Pairs& pairs, Time now) const {
    const auto parsed = parse_history_query(pairs);
    if (const auto* fault = std::get_if<std::string>(&parsed)) {
        return http::plain(400, *fault);
    }
    if (history_.empty()) {
        return http::plain(503, "the history is switched off; set [history] enabled = true");
    }
    const HistoryQuery& query = std::get<HistoryQuery>(parsed);
    Past past;
    try {
        past = read_past(history_, {query.names, now - query.since, now, 1});
    } catch (const std::exception& fault) {
        return http::plain(503, fmt::format("the history cannot be read: {}", fault.what()));
    }
    if (!past.unknown_names.empty()) {
        return unknown_name(past.unknown_names.front(), "nothing in the history", past.known_names);
    }
    bound(past);
    Response response;
    response.content_type = "application/json";
    response.body = past_json(past);
    return response;
}

std::optional<Response> resource(std::string_view path) {
    Response response;
    if (path == "/style.css") {
        response.content_type = "text/css; charset=utf-8";
        response.body = style_sheet();
    } else if (path == "/page.js") {
        response.content_type = "text/javascript; charset=utf-8";
        response.body = script();
    } else if (path == "/icon.svg") {
        response.content_type = "image/svg+xml";
        response.body = icon();
    } else {
        return std::nullopt;
    }
    secure(response);
    return response;
}

Response checking(const std::string& name) {
    Response response{.status = 303, .body = "the target is checked now\n"};
    response.headers.emplace_back("Location", Link("name", name).text());
    return response;
}

}  // namespace whylink::daemon::page
