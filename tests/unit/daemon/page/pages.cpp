#include "tests/unit/daemon/page/pages.hpp"

#include <utility>
#include <vector>

#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon::page {

TargetStatus hostile_status(std::string name) {
    const std::string text(evil);
    fabricated::EndpointEntry made = fabricated::failing_endpoint(std::move(name));
    made.endpoint.host = text;
    made.endpoint.labels = {{text, text}};
    made.verdict.probes = {fabricated::dns(text, {"10.0.0.4"}), fabricated::tcp("10.0.0.4"),
                           fabricated::tls_reset("10.0.0.4"), fabricated::app("10.0.0.4")};
    probes::AppFacts said;
    said.protocol = text;
    said.said = text;
    said.server = text;
    said.first_bytes = text;
    made.verdict.probes.back().observation.facts = said;
    made.verdict.packets = {fabricated::packets("10.0.0.4")};
    made.explanation.summary = text;
    made.explanation.evidence = {text};
    made.explanation.steps = {text, "Run `" + text + "`."};
    made.explanation.identifiers = {text};
    made.explanation.unexplained = {text};
    made.explanation.settle = text;
    made.explanation.details.probes = {text, text, text, text};
    made.evidence_file = "/e/" + text;
    TargetStatus status = fabricated::watched(std::move(made));
    auto history = std::make_shared<TargetHistory>();
    history->since = fabricated::noon();
    history->last_healthy = fabricated::noon();
    history->changes = {{fabricated::noon(), What::banner, text, text}};
    status.standing.history = std::move(history);
    return status;
}

Snapshot hostile_snapshot() {
    const std::string text(evil);
    Snapshot snapshot = fabricated::snapshot({hostile_status()});
    snapshot.vantage_point = text;
    snapshot.host.kernel = text;
    snapshot.capture = {.interface = text, .up = true};
    return snapshot;
}

bool is_well_formed(std::string_view page) {
    constexpr std::string_view doctype = "<!doctype html>\n";
    std::vector<std::string_view> open;
    page.remove_prefix(page.starts_with(doctype) ? doctype.size() : 0);
    while (!page.empty()) {
        const std::size_t begin = page.find('<');
        if (begin == std::string_view::npos) {
            break;
        }
        page.remove_prefix(begin + 1);
        bool quoted = false;
        std::size_t end = 0;
        for (; end < page.size() && (quoted || page[end] != '>'); ++end) {
            quoted = quoted != (page[end] == '"');
        }
        if (end == page.size()) {
            return false;
        }
        const std::string_view tag = page.substr(0, end);
        const std::string_view name = tag.substr(0, tag.find(' '));
        page.remove_prefix(end + 1);
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1)) {
                return false;
            }
            open.pop_back();
        } else if (!tag.ends_with('/')) {
            open.push_back(name);
        }
    }
    return open.empty();
}

std::size_t count_of_text(std::string_view page, std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = page.find(text); at != std::string_view::npos; at = page.find(text, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace whylink::daemon::page
