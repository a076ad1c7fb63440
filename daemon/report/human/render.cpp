#include "daemon/report/human/render.hpp"

#include <vector>

#include "daemon/control/where.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/block.hpp"
#include "daemon/report/human/head.hpp"
#include "daemon/report/human/table.hpp"

namespace whylink::daemon {
namespace {

/// A screen.
constexpr std::size_t max_height = 25;
/// The empty line and the last one.
constexpr std::size_t foot = 2;
/// Of one of several failures, so that a table and one failure that many share are a screen.
constexpr std::size_t max_block = 20;

void write_one(Canvas& canvas, const Group& group, Now now) {
    write_block(canvas, group, now, max_height - foot - canvas.height());
    canvas.line();
}

void write_many(Canvas& canvas, const Report& report, Now now) {
    const std::vector<Group> groups = groups_of(report, canvas.style().verbose);
    write_table(canvas, report, groups, now);
    canvas.line();
    for (const Group& group : groups) {
        if (group.mark != Mark::good || canvas.style().verbose) {
            write_block(canvas, group, now, max_block);
            canvas.line();
        }
    }
}

}  // namespace

std::string render_human(const Report& report, const HumanStyle& style, Now now) {
    Canvas canvas(style);
    write_head(canvas, report);
    if (report.entries.size() == 1 && report.waiting.empty()) {
        write_one(canvas, groups_of(report, true).front(), now);
    } else if (!report.entries.empty()) {
        write_many(canvas, report, now);
    }
    if (report.host.instance) {
        canvas.hang(canvas.paint("Host: ", Ink::dim), where_text(*report.host.instance));
    }
    write_tally(canvas, report);
    return canvas.take();
}

constexpr ReportFormat human_format{.slug = "human",
                                    .content_type = "text/plain; charset=utf-8",
                                    .styled = true,
                                    .render = render_human,
                                    .exit_status = exit_status,
                                    .usage_status = exit_usage};

}  // namespace whylink::daemon
