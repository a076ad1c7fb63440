#include "daemon/report/human/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "checks/explain/explain.hpp"
#include "daemon/report/human/stage_lines.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t gap = 2;
/// A table of as many targets is read line by line; of more, those that are alike are one line.
constexpr std::size_t max_single = 10;
/// What is alike and is so few has a line each.
constexpr std::size_t max_alike = 3;
constexpr std::size_t widest_name = 32;

constexpr std::size_t column_count = 4;
struct Row {
    Mark mark = Mark::aside;
    std::array<std::string, column_count> cells;  ///< name, cause, since, slowest stage
    bool spans = false;                           ///< the first cell has the whole line
};
constexpr std::array<std::string_view, column_count> headings{"NAME", "CAUSE", "SINCE", "SLOWEST"};

std::string cause_text(const ReportEntry& entry) {
    return mark_of(*entry.verdict) == Mark::good
               ? "healthy"
               : capitalised(std::string(checks::title_of(entry.verdict->decision)));
}

std::string since_text(const Group& group, Now now) {
    const auto first = since(group);
    return first ? clock_text(*first, now.value_or(*first)) : std::string();
}

Row row_of(const Group& group, std::string name, Now now) {
    SlowestStage slowest;
    for (const ReportEntry* entry : group.entries) {
        const SlowestStage own = slowest_stage(*entry->verdict);
        slowest = own.took > slowest.took ? own : slowest;
    }
    return {group.mark,
            {std::move(name), cause_text(group.example()), since_text(group, now), slowest.text()}};
}

void add_rows(std::vector<Row>& rows, const Canvas& canvas, const Group& group, bool folded, Now now) {
    const std::vector<std::string> names = names_of(group);
    const std::size_t size = names.size();
    if (folded && size > max_alike && group.mark == Mark::good) {
        const std::string count = fmt::format("{} healthy: ", size);
        const std::size_t before = painted(canvas, group.mark).width + count.size();
        rows.push_back({group.mark, {count + names_text(canvas, names, canvas.text_edge() - before)}, true});
    } else if (folded && size > max_alike) {
        rows.push_back(row_of(group, fmt::format("{} targets", size), now));
    } else {
        for (const ReportEntry* entry : group.entries) {
            rows.push_back(row_of({group.mark, {entry}}, entry->target->name(), now));
        }
    }
}

void add_waiting(std::vector<Row>& rows, const Canvas& canvas, const Report& report) {
    if (report.waiting.empty()) {
        return;
    }
    std::vector<std::string> names;
    for (const config::TargetPtr& target : report.waiting) {
        names.push_back(target->name());
    }
    const std::string count = fmt::format("{} waiting for the first check: ", names.size());
    const std::size_t before = painted(canvas, Mark::aside).width + count.size();
    rows.push_back({Mark::aside, {count + names_text(canvas, names, canvas.text_edge() - before)}, true});
}

using Widths = std::array<std::size_t, column_count>;

Widths widths_of(const Canvas& canvas, const std::vector<Row>& rows, std::size_t room) {
    Widths widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < column_count && !row.spans; ++i) {
            const std::size_t width = canvas.width_of(row.cells[i]);
            widths[i] = width == 0 ? widths[i] : std::max({widths[i], width, headings[i].size()});
        }
    }
    // What is short keeps its width; the cause gives way to the name, and a long name to both.
    std::size_t others = 0;
    for (std::size_t i = 2; i < column_count; ++i) {
        others += widths[i] == 0 ? 0 : widths[i] + gap;
    }
    const std::size_t left = room - std::min(room, others + gap);
    widths[0] = std::min({widths[0], widest_name, left / 2});
    widths[1] = std::min(widths[1], left - widths[0]);
    return widths;
}

template <class Cells>
Painted cells_of(const Canvas& canvas, const Cells& cells, const Widths& widths, Ink ink) {
    Painted line;
    for (std::size_t i = 0; i < column_count; ++i) {
        if (widths[i] > 0) {
            line = line + canvas.cell(canvas.cut_to(cells[i], widths[i]), widths[i] + gap, ink);
        }
    }
    return line;
}

}  // namespace

void write_table(Canvas& canvas, const Report& report, std::span<const Group> groups, Now now) {
    const bool folded = report.entries.size() > max_single && !canvas.style().verbose;
    std::vector<Row> rows;
    for (const Group& group : groups) {
        const bool many_healthy = group.mark == Mark::good && !canvas.style().verbose;
        add_rows(rows, canvas, group, folded || many_healthy, now);
    }
    add_waiting(rows, canvas, report);
    const Painted margin = spaces(painted(canvas, Mark::good).width);
    const Widths widths = widths_of(canvas, rows, canvas.text_edge() - margin.width);
    if (!std::ranges::all_of(rows, &Row::spans)) {
        canvas.line(margin + cells_of(canvas, headings, widths, Ink::dim));
    }
    for (const Row& row : rows) {
        const Painted mark = painted(canvas, row.mark);
        canvas.line(mark + (row.spans ? canvas.paint(row.cells[0])
                                      : cells_of(canvas, row.cells, widths, Ink::plain)));
    }
}

}  // namespace whylink::daemon
