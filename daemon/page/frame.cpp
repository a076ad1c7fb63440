#include "daemon/page/frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "daemon/packets/packet_service.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// What a page of 15 targets takes, and then some.
constexpr std::size_t usual_size = 128 * 1024;

void write_head(Html& html, std::string_view title) {
    const auto head = html.in("head");
    html.lone("meta", {{"charset", "utf-8"}});
    html.lone("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    html.lone("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    html.put("title", title);
    html.lone("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, Attribute::href(Link::icon())});
    html.lone("link", {{"rel", "stylesheet"}, Attribute::href(Link::style())});
    html.put("script", {Attribute::src(Link::script()), {"defer", ""}}, "");
}

std::string_view cloud_text(const Snapshot& snapshot) {
    const std::optional<config::Cloud> cloud = snapshot.host.cloud;
    if (!cloud) {
        return "unknown";
    }
    return title(*cloud).empty() ? slug(*cloud) : title(*cloud);
}

std::string capture_text(const CaptureStatus& capture) {
    if (capture.interface.empty()) {
        return "off";
    }
    if (!capture.up) {
        if (!capture.fault) {
            return "not captured";
        }
        return needs_permission(*capture.fault) ? "not captured: CAP_NET_RAW is missing"
                                                : "not captured: " + capture.fault->text;
    }
    const std::string dropped = capture.dropped > 0 ? fmt::format(", {} dropped", capture.dropped) : "";
    return fmt::format("captured on {}{}", capture.interface, dropped);
}

/// When the newest round ended; none before the first.
std::optional<Time> last_update(const Snapshot& snapshot) {
    std::optional<Time> latest;
    for (const TargetStatusPtr& status : snapshot.targets) {
        if (status->verdict != nullptr) {
            latest = std::max(latest, std::optional(end_of_round(status->standing)));
        }
    }
    return latest;
}

void write_fact(Html& html, std::string_view term, std::string_view value) {
    const auto pair = html.in("div");
    html.put("dt", term);
    html.put("dd", value);
}

void write_update(Html& html, const Input& input) {
    const auto pair = html.in("div");
    html.put("dt", "Last update");
    const auto value = html.in("dd");
    const std::optional<Time> latest = last_update(input.snapshot);
    if (!latest) {
        html.text("no check yet");
        return;
    }
    const std::string exact = rfc3339(*latest);
    constexpr std::size_t clock_begin = std::string_view("2026-01-01T").size();
    constexpr std::size_t clock_size = std::string_view("12:00:00").size();
    html.put("time", {{"datetime", exact}, {"title", exact}}, exact.substr(clock_begin, clock_size) + " UTC");
}

void write_banner(Html& html, const Input& input) {
    const auto banner = html.in("header", {{"class", "banner"}});
    html.put("a", {{"class", "brand"}, Attribute::href(Link::home())}, "whylink");
    const auto facts = html.in("dl", {{"class", "facts"}, {"id", "facts"}, {"data-live", ""}});
    const Snapshot& snapshot = input.snapshot;
    write_fact(html, "Host", snapshot.vantage_point);
    write_fact(html, "Cloud", cloud_text(snapshot));
    write_fact(html, snapshot.host.container ? "Kernel (container)" : "Kernel", snapshot.host.kernel);
    write_fact(html, "Version", input.version);
    write_fact(html, "Packets", capture_text(snapshot.capture));
    write_update(html, input);
}

/// What is wrong with the daemon itself.
void write_notices(Html& html, const Snapshot& snapshot) {
    const auto notices = html.in("div", {{"id", "notices"}, {"data-live", ""}});
    if (!snapshot.config.last_reload_successful) {
        html.put("p", {{"class", "notice"}},
                 "The last reload failed: the configuration is invalid. The running configuration stays.");
    }
    if (snapshot.history && !snapshot.history->up) {
        html.put("p", {{"class", "notice"}},
                 "The history cannot be written to disk. The newest records are kept in memory.");
    }
    if (snapshot.evidence && !snapshot.evidence->up) {
        html.put("p", {{"class", "notice"}}, "Evidence files cannot be written.");
    }
}

void write_foot(Html& html) {
    const auto foot = html.in("footer", {{"class", "foot"}});
    {
        const auto links = html.in("nav", {{"aria-label", "Data for programs"}});
        html.put("a", {Attribute::href(Link::metrics())}, "Metrics");
        html.put("a", {Attribute::href(Link::report())}, "Report (JSON)");
        html.put("a", {Attribute::href(Link::history())}, "History (JSON)");
    }
    html.put("p", "All times are in UTC.");
}

}  // namespace

std::string in_frame(const Input& input, std::string_view title, const std::function<void(Html&)>& content) {
    Html html(usual_size);
    html.doctype();
    {
        const auto document = html.in("html", {{"lang", "en"}});
        write_head(html, title);
        const auto body = html.in("body");
        html.put("a", {{"class", "skip"}, Attribute::href(Link::content())}, "Skip to content");
        write_banner(html, input);
        {
            const auto main = html.in("main", {{"id", "content"}, {"tabindex", "-1"}});
            write_notices(html, input.snapshot);
            content(html);
        }
        write_foot(html);
        // The script says here when updates fail.
        html.put("p", {{"id", "connection"}, {"class", "connection"}, {"role", "status"}}, "");
    }
    return html.take() + "\n";
}

Section::Section(Html& html, std::string_view id, std::string_view heading, std::string_view look)
    : section_(html.in("section", {{"class", look}, {"aria-labelledby", id}})) {
    html.put("h2", {{"id", id}}, heading);
}

}  // namespace whylink::daemon::page
