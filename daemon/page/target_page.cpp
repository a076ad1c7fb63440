#include "daemon/page/target_page.hpp"

#include <fmt/format.h>

#include "daemon/page/charts.hpp"
#include "daemon/page/diagnosis.hpp"
#include "daemon/page/frame.hpp"
#include "daemon/page/paths.hpp"
#include "daemon/page/record.hpp"
#include "daemon/page/targets.hpp"
#include "daemon/report/human/render.hpp"

namespace whylink::daemon::page {
namespace {

/// What a ticket takes without a line broken.
constexpr std::size_t text_width = 100;

void write_check_form(Html& html, const std::string& name) {
    const auto form =
        html.in("form", {{"class", "check"}, {"method", "post"}, Attribute::action(Link::check(name))});
    html.put("button", {{"type", "submit"}}, "Check now");
}

void write_heading(Html& html, const Input& input, const TargetStatus& status) {
    {
        const auto nav = html.in("nav", {{"class", "path"}, {"aria-label", "Path"}});
        html.put("a", {Attribute::href(Link::home())}, "All targets");
    }
    const auto heading = html.in("div", {{"class", "heading"}});
    {
        const auto words = html.in("div");
        html.put("h1", status.name());
        const auto labels = html.in("p");
        write_labels(html, status);
    }
    if (input.may_check) {
        write_check_form(html, status.name());
    }
}

void write_certificate(Html& html, const TargetStatus& status, Time now) {
    if (const std::optional<Time> end = certificate_end(status)) {
        const auto pair = html.in("div");
        html.put("dt", "Certificate");
        html.put("dd", certificate_text(*end, now));
    }
}

void write_rtt(Html& html, const TargetStatus& status) {
    const std::vector<float> values = status.rtt.values();
    if (values.empty()) {
        return;
    }
    const bool zone = status.kind() == config::TargetKind::zone;
    const auto pair = html.in("div");
    html.put("dt", zone ? "DNS reply" : "RTT");
    const auto value = html.in("dd");
    write_latest(html, values);
    write_sparkline(html, values, zone ? "DNS reply" : "RTT");
}

void write_day(Html& html, const TargetStatus& status, const Days* days) {
    const auto day = days == nullptr ? Days::const_iterator() : days->find(status.name());
    if (days == nullptr || day == days->end()) {
        return;
    }
    const auto pair = html.in("div", {{"class", "wide"}});
    html.put("dt", "Last 24 hours");
    const auto value = html.in("dd");
    html.put("span", {{"class", "number"}}, share_text(day->second.availability()));
    write_strip(html, day->second.counts, "Last 24 hours");
}

void write_figures(Html& html, const Input& input, const TargetStatus& status) {
    const auto figures = html.in("dl", {{"class", "figures"}});
    write_day(html, status, input.days);
    write_rtt(html, status);
    write_certificate(html, status, input.now);
}

void write_text_report(Html& html, const Input& input, const TargetStatus& status) {
    Report report;
    report.entries.push_back(entry_of(status));
    report.duration = status.standing.round_took;
    const auto details = html.in("details", {{"class", "as-text"}, {"id", "as-text"}});
    html.put("summary", "Report as text");
    const auto block = html.in("div", {{"class", "command"}});
    const auto pre =
        html.in("pre", {{"tabindex", "0"}, {"role", "region"}, {"aria-label", "Report as text"}});
    const auto code = html.in("code");
    html.lines(render_human(report, {.width = text_width, .verbose = true}, input.now));
}

void write_round(Html& html, const Input& input, const TargetStatus& status) {
    write_diagnosis(html, input, status);
    write_figures(html, input, status);
    {
        const Section section(html, "timeline", "Timeline of the latest check");
        write_waterfall(html, status);
    }
    {
        const Section section(html, "paths", "Addresses and DNS servers");
        write_addresses(html, *status.verdict);
        write_resolvers(html, *status.verdict);
    }
}

void write_past(Html& html, const Input& input, const TargetStatus& status, const TargetPast* past) {
    if (past != nullptr) {
        const auto columns = html.in("div", {{"class", "columns"}});
        write_changes(html, input, *past);
        write_outages(html, input, *past);
    }
    write_evidence(html, input, status, past);
}

}  // namespace

std::string render_target(const Input& input, const TargetStatus& status, const TargetPast* past) {
    const std::string title = fmt::format("{}: {} · whylink", status.name(), title_of(status));
    return in_frame(input, title, [&](Html& html) {
        write_heading(html, input, status);
        const auto live = html.in("div", {{"id", "target"}, {"data-live", ""}});
        if (status.verdict == nullptr) {
            html.put("p", {{"class", "empty"}}, "The first check has not ended yet.");
        } else {
            write_round(html, input, status);
        }
        write_past(html, input, status, past);
        if (status.verdict != nullptr) {
            write_text_report(html, input, status);
        }
    });
}

}  // namespace whylink::daemon::page
