#include "daemon/http/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "config/ascii.hpp"
#include "config/nearest.hpp"
#include "daemon/http/gzip.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/metrics_format.hpp"
#include "daemon/http/pages.hpp"
#include "daemon/http/route_path.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::http {
namespace {

/// The server answers by itself, so that it has to look whether the rest lives.
constexpr std::chrono::seconds max_behind{10};

/// What a client sent, fit to stand in an answer: printable and not long.
std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 100;
    return fmt::format("\"{}\"", shortened(text, longest));
}

/// What the query of a report asks for.
struct ReportQuery {
    const ReportFormat* format = &json_format;
    std::vector<std::string> names;  ///< empty: all
    HumanStyle style;
};

std::optional<bool> parse_flag(std::string_view word) {
    if (word == "1" || word == "true") {
        return true;
    }
    if (word == "0" || word == "false") {
        return false;
    }
    return std::nullopt;
}

std::optional<std::size_t> parse_columns(std::string_view word) {
    constexpr std::size_t fewest = 60;
    constexpr std::size_t most = 500;
    const auto columns = parse_number<std::size_t>(word);
    return columns && *columns >= fewest && *columns <= most ? columns : std::nullopt;
}

template <class Value>
bool assign(Value& value, const std::optional<Value>& parsed) {
    if (parsed) {
        value = *parsed;
    }
    return parsed.has_value();
}

/// Null for a word that is none.
bool* flag_of(HumanStyle& style, std::string_view key) {
    return key == "colour"    ? &style.colour
           : key == "utf8"    ? &style.utf8
           : key == "verbose" ? &style.verbose
                              : nullptr;
}

/// What is allowed where one of the query's values is not; nothing when all is well.
std::optional<std::string> apply(const std::string& key, const std::string& value, ReportQuery& query) {
    if (key == "name") {
        query.names.push_back(value);
    } else if (key == "format") {
        query.format = find_format(value);
        if (query.format == nullptr) {
            return fmt::format("format is {}, not {}", one_of(format_slugs(json_format)), in_quotes(value));
        }
    } else if (key == "columns") {
        if (!assign(query.style.width, parse_columns(value))) {
            return "columns is a number from 60 to 500, not " + in_quotes(value);
        }
    } else if (bool* flag = flag_of(query.style, key)) {
        if (!assign(*flag, parse_flag(value))) {
            return key + " is 1 or 0, not " + in_quotes(value);
        }
    } else {
        return "the query knows name, format, columns, colour, utf8 and verbose, not " + in_quotes(key);
    }
    return std::nullopt;
}

std::variant<ReportQuery, std::string> parse_report_query(const Request& request) {
    ReportQuery query;
    for (const auto& [key, value] : request.query) {
        if (auto fault = apply(key, value, query)) {
            return std::move(*fault);
        }
    }
    return query;
}

std::string unknown_name(const Snapshot& snapshot, const std::string& name) {
    std::vector<std::string_view> known;
    for (const TargetStatusPtr& target : snapshot.targets) {
        known.push_back(target->name());
    }
    return "nothing that is watched has the name " + in_quotes(name) + config::name_hint(name, known);
}

/// The first of the names that no target has.
const std::string* first_unknown(const Snapshot& snapshot, const std::vector<std::string>& names) {
    const auto unknown = std::ranges::find_if(names, [&snapshot](const std::string& name) {
        return std::ranges::find(snapshot.targets, name, &TargetStatus::name) == snapshot.targets.end();
    });
    return unknown == names.end() ? nullptr : &*unknown;
}

void keep_only(Report& report, const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    const auto unwanted = [&names](const std::string& name) {
        return std::ranges::find(names, name) == names.end();
    };
    std::erase_if(report.entries, [&](const ReportEntry& entry) { return unwanted(entry.target->name()); });
    std::erase_if(report.waiting, [&](const config::TargetPtr& target) { return unwanted(target->name()); });
}

Response render_report(const Snapshot& snapshot, const ReportQuery& query) {
    if (const std::string* unknown = first_unknown(snapshot, query.names)) {
        Response refusal = plain(404, unknown_name(snapshot, *unknown));
        refusal.headers.emplace_back(exit_status_header, std::to_string(query.format->usage_status));
        return refusal;
    }
    Report report = report_of(snapshot);
    keep_only(report, query.names);
    Response response;
    response.content_type = query.format->content_type;
    response.body = query.format->render(report, query.style, std::chrono::system_clock::now());
    response.headers.emplace_back(exit_status_header, std::to_string(query.format->exit_status(report)));
    return response;
}

void compress(Response& response) {
    Gzip gzip;
    gzip.add(response.body);
    response.body = gzip.finish();
    response.headers.emplace_back("Content-Encoding", "gzip");
}

Response render_metrics_page(const Snapshot& snapshot, MetricsFormat format, bool gzipped) {
    Response response;
    response.content_type = content_type(format);
    if (gzipped) {
        Gzip gzip;
        render_metrics(snapshot, format, [&gzip](std::string_view piece) { gzip.add(piece); });
        response.body = gzip.finish();
        response.headers.emplace_back("Content-Encoding", "gzip");
    } else {
        render_metrics(snapshot, format, [&response](std::string_view piece) { response.body += piece; });
    }
    return response;
}

class Routes {
  public:
    Routes(Daemon daemon, Worker& worker) : daemon_(std::move(daemon)), pages_(worker) {}

    void handle(Request request, Respond answer);

  private:
    struct Route;
    static std::span<const Route> table();

    void metrics(const Request& request, Respond respond);
    void probe(const Request& request, Respond respond);
    void report(const Request& request, Respond respond);
    void page(const Request& request, Respond respond);
    void healthy(const Request& request, Respond respond);
    void ready(const Request& request, Respond respond);
    void reload(const Request& request, Respond respond);
    std::string why_not_ready() const;

    Daemon daemon_;
    Pages pages_;
};

using Methods = std::array<std::string_view, 2>;
constexpr Methods reading{"GET", "HEAD"};
constexpr Methods changing{"POST", "PUT"};

/// To add one: a row, and a function that hands what takes long to `pages_`. With a "*" at the end of its path it answers
/// every longer path; Request::parameter is the rest, which may be anything that a client sends.
struct Routes::Route {
    std::string_view path;
    Methods methods;
    void (Routes::*answer)(const Request&, Respond);
};

std::span<const Routes::Route> Routes::table() {
    static constexpr std::array<Route, 7> routes{{{"/", reading, &Routes::page},
                                                  {"/metrics", reading, &Routes::metrics},
                                                  {"/probe", reading, &Routes::probe},
                                                  {"/api/v1/report", reading, &Routes::report},
                                                  {"/-/healthy", reading, &Routes::healthy},
                                                  {"/-/ready", reading, &Routes::ready},
                                                  {"/-/reload", changing, &Routes::reload}}};
    return routes;
}

void Routes::handle(Request request, Respond answer) {
    const Respond respond = [answer = std::move(answer)](Response response) {
        response.headers.emplace_back("X-Content-Type-Options", "nosniff");
        response.headers.emplace_back("Cache-Control", "no-store");
        answer(std::move(response));
    };
    const auto route = std::ranges::find_if(table(), [&request](const Route& known) {
        return parameter_of(known.path, request.path).has_value();
    });
    if (route == table().end()) {
        std::vector<std::string_view> paths;
        for (const Route& known : table()) {
            paths.push_back(known.path);
        }
        respond(plain(404, fmt::format("there is no {}; there are {}", in_quotes(request.path),
                                       fmt::join(paths, ", "))));
    } else if (std::ranges::find(route->methods, request.method) == route->methods.end()) {
        const std::string allowed = fmt::format("{}", fmt::join(route->methods, ", "));
        Response refusal = plain(405, fmt::format("{} takes {}", route->path, allowed));
        refusal.headers.emplace_back("Allow", allowed);
        respond(std::move(refusal));
    } else {
        request.parameter = *parameter_of(route->path, request.path);
        (this->*route->answer)(request, respond);
    }
}

/// What a page depends on beside the snapshot, as a text of its own.
std::string form_of(const Request& request, bool gzipped) {
    std::string form = request.path + (gzipped ? "\ngzip" : "\nplain");
    for (const auto& [key, value] : request.query) {
        form += fmt::format("\n{}:{}:{}", key.size(), key, value);
    }
    return form;
}

void Routes::metrics(const Request& request, Respond respond) {
    const MetricsFormat format = metrics_format(request.accept);
    const bool gzipped = accepts_gzip(request.accept_encoding);
    const SnapshotPtr snapshot = daemon_.snapshot();
    const std::string form = fmt::format("/metrics\n{}\n{}", content_type(format), gzipped);
    pages_.give(
        form, snapshot,
        [snapshot, format, gzipped] {
            Response response = render_metrics_page(*snapshot, format, gzipped);
            response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
            return response;
        },
        std::move(respond));
}

void Routes::report(const Request& request, Respond respond) {
    auto query = parse_report_query(request);
    if (const auto* fault = std::get_if<std::string>(&query)) {
        respond(plain(400, *fault));
        return;
    }
    const bool gzipped = accepts_gzip(request.accept_encoding);
    const SnapshotPtr snapshot = daemon_.snapshot();
    pages_.give(
        form_of(request, gzipped), snapshot,
        [snapshot, query = std::get<ReportQuery>(std::move(query)), gzipped] {
            Response response = render_report(*snapshot, query);
            response.headers.emplace_back("Vary", "Accept-Encoding");
            if (gzipped && response.status == 200) {
                compress(response);
            }
            return response;
        },
        std::move(respond));
}

/// Of all targets, or of those that are named: an alert links to one.
void Routes::page(const Request& request, Respond respond) {
    ReportQuery query;
    query.format = &human_format;
    for (const auto& [key, value] : request.query) {
        if (key == "name") {
            query.names.push_back(value);
        }
    }
    const SnapshotPtr snapshot = daemon_.snapshot();
    pages_.give(
        form_of(request, false), snapshot, [snapshot, query] { return render_report(*snapshot, query); },
        std::move(respond));
}

void Routes::healthy(const Request&, Respond respond) {
    const std::chrono::seconds behind = daemon_.behind();
    if (daemon_.stopping()) {
        respond(plain(503, "whylink is stopping"));
    } else if (behind > max_behind) {
        respond(
            plain(503, fmt::format("whylink is stuck: its event loop has not run for {} s", behind.count())));
    } else {
        respond(plain(200, "whylink is healthy"));
    }
}

std::string Routes::why_not_ready() const {
    if (daemon_.stopping()) {
        return "whylink is stopping";
    }
    const SnapshotPtr snapshot = daemon_.snapshot();
    const auto waiting = std::ranges::count_if(
        snapshot->targets, [](const TargetStatusPtr& target) { return target->verdict == nullptr; });
    return fmt::format("whylink is not ready: {} of {} targets wait for their first round", waiting,
                       snapshot->targets.size());
}

void Routes::ready(const Request&, Respond respond) {
    respond(daemon_.ready() ? plain(200, "whylink is ready") : plain(503, why_not_ready()));
}

void Routes::probe(const Request& request, Respond respond) {
    daemon_.probe({request.query, request.scrape_timeout, request.peer}, request.departure,
                  [respond = std::move(respond)](ProbeAnswer answer) {
                      respond({.status = answer.status,
                               .content_type = std::move(answer.content_type),
                               .body = std::move(answer.body)});
                  });
}

void Routes::reload(const Request&, Respond respond) {
    daemon_.reload([respond = std::move(respond)](const ReloadResult& result) {
        respond(plain(result.successful ? 200 : 500, fmt::format("{}", fmt::join(result.lines, "\n"))));
    });
}

}  // namespace

Handler routes(Daemon daemon, Worker& worker) {
    auto all = std::make_shared<Routes>(std::move(daemon), worker);
    return [all](Request request, Respond respond) { all->handle(std::move(request), std::move(respond)); };
}

}  // namespace whylink::daemon::http
