#include "daemon/compare/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/report/human/canvas.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

// ---- for people ----

constexpr std::size_t indent = 2;

std::string state_text(const SeenTarget& target, const std::string& where) {
    return fmt::format("{} on {}", target.healthy ? "healthy" : "failing", where);
}

/// It works on the first host and fails on the other.
bool is_split(const TargetComparison& target) {
    return target.good.healthy && !target.bad.healthy;
}

void write_header(Canvas& canvas, const TargetComparison& target, const SideNames& names) {
    const std::string what = target.good.what == target.good.name ? "" : "  " + target.good.what;
    canvas.line(canvas.paint(target.good.name, Ink::bold) + canvas.paint(what, Ink::dim));
    canvas.hang(spaces(indent),
                state_text(target.good, names.good) + ", " + state_text(target.bad, names.bad),
                is_split(target) ? Ink::bad : Ink::plain);
}

std::string head_of(const Difference& difference) {
    const std::string about = difference.subject.empty() ? "" : " of " + difference.subject;
    return difference.layer == Layer::cause
               ? std::string(difference.what)
               : fmt::format("{} {}{}", title(difference.layer), difference.what, about);
}

struct Row {
    std::string_view name;
    std::string_view value;
};

void write_values(Canvas& canvas, const Difference& difference, const SideNames& names, std::size_t by) {
    const std::size_t column = std::max(canvas.width_of(names.good), canvas.width_of(names.bad));
    for (const Row& row : {Row{names.good, difference.good}, Row{names.bad, difference.bad}}) {
        canvas.hang(spaces(by) + canvas.cell(row.name, column, Ink::dim) + spaces(2), row.value);
    }
}

void write_decisive(Canvas& canvas, const Difference& difference, const SideNames& names) {
    canvas.heading("Decisive: " + head_of(difference), indent);
    write_values(canvas, difference, names, 2 * indent);
    if (const std::string_view text = meaning(difference); !text.empty()) {
        canvas.hang(spaces(2 * indent), text);
    }
}

void write_others(Canvas& canvas, std::string_view heading, std::span<const Difference> differences,
                  const SideNames& names) {
    if (differences.empty()) {
        return;
    }
    canvas.heading(heading, indent);
    for (const Difference& difference : differences) {
        canvas.hang(spaces(2 * indent), head_of(difference));
        write_values(canvas, difference, names, 3 * indent);
    }
}

void write_target(Canvas& canvas, const TargetComparison& target, const SideNames& names) {
    write_header(canvas, target, names);
    std::span<const Difference> rest = target.differences;
    if (target.has_decisive) {
        write_decisive(canvas, rest.front(), names);
        rest = rest.subspan(1);
    }
    const auto can_decide = static_cast<std::size_t>(std::ranges::count(rest, true, &Difference::can_decide));
    write_others(canvas, target.has_decisive ? "Also different" : "Different", rest.first(can_decide), names);
    write_others(canvas, "Usual differences between hosts", rest.subspan(can_decide), names);
    canvas.line();
}

void write_only(Canvas& canvas, const std::string& where, const std::vector<std::string>& names) {
    if (!names.empty()) {
        canvas.hang({}, fmt::format("Only in the report of {}: {}", where, abridged(names, 10)));
    }
}

void write_end(Canvas& canvas, const Comparison& comparison) {
    const auto equal =
        static_cast<std::size_t>(std::ranges::count_if(comparison.targets, &TargetComparison::equal));
    const std::size_t all = comparison.targets.size();
    canvas.line(canvas.paint(equal == all ? fmt::format("{} of {} equal", equal, all)
                                          : fmt::format("{} of {} different", all - equal, all)));
}

// ---- for programs ----

using Json = nlohmann::ordered_json;

Json seen_json(const SeenTarget& target) {
    return {{"healthy", target.healthy},
            {"cause", valid_utf8(target.cause)},
            {"confidence", valid_utf8(target.confidence)},
            {"summary", valid_utf8(target.summary)}};
}

Json target_json(const TargetComparison& target) {
    Json differences = Json::array();
    for (const Difference& difference : target.differences) {
        const bool decisive = target.has_decisive && &difference == &target.differences.front();
        differences.push_back({{"layer", slug(difference.layer)},
                               {"what", difference.what},
                               {"subject", valid_utf8(difference.subject)},
                               {"good", valid_utf8(difference.good)},
                               {"bad", valid_utf8(difference.bad)},
                               {"can_decide", difference.can_decide},
                               {"decisive", decisive}});
    }
    return {{"name", valid_utf8(target.good.name)},   {"kind", target.good.kind},
            {"target", valid_utf8(target.good.what)}, {"good", seen_json(target.good)},
            {"bad", seen_json(target.bad)},           {"differences", std::move(differences)}};
}

Json names_json(const std::vector<std::string>& names) {
    Json array = Json::array();
    for (const std::string& name : names) {
        array.push_back(valid_utf8(name));
    }
    return array;
}

}  // namespace

std::string render_comparison(const Comparison& comparison, const SideNames& names, const HumanStyle& style) {
    Canvas canvas(style);
    for (const TargetComparison& target : comparison.targets) {
        if (!target.equal()) {
            write_target(canvas, target, names);
        }
    }
    write_only(canvas, names.good, comparison.only_good);
    write_only(canvas, names.bad, comparison.only_bad);
    write_end(canvas, comparison);
    return canvas.take();
}

std::string comparison_json(const Comparison& comparison, const SideNames& names) {
    Json targets = Json::array();
    for (const TargetComparison& target : comparison.targets) {
        targets.push_back(target_json(target));
    }
    const Json document = {{"schema", "whylink-compare/1"},
                           {"good", valid_utf8(names.good)},
                           {"bad", valid_utf8(names.bad)},
                           {"equal", comparison.equal()},
                           {"targets", std::move(targets)},
                           {"only_good", names_json(comparison.only_good)},
                           {"only_bad", names_json(comparison.only_bad)}};
    return document.dump(2) + "\n";
}

}  // namespace whylink::daemon
