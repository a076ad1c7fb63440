#include "daemon/commands/compare.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "config/files.hpp"
#include "daemon/compare/differ.hpp"
#include "daemon/compare/recorded_side.hpp"
#include "daemon/compare/render.hpp"
#include "daemon/compare/side.hpp"
#include "daemon/report/human/terminal.hpp"
#include "daemon/report/report.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

constexpr int exit_equal = 0;
constexpr int exit_different = 1;

/// A report says so in its first member; what does not may be a record.
std::variant<Side, std::string> side_of(std::string_view text) {
    auto report = side_of_report(text);
    if (std::holds_alternative<Side>(report) || text.find("\"schema\"") != std::string_view::npos) {
        return report;
    }
    return side_of_record(text);
}

/// Nothing once it has been said why there is none.
std::optional<Side> read_side(const std::string& file) {
    const auto text = config::system_files().read(file);
    if (const auto* fault = std::get_if<config::FileFault>(&text)) {
        complain(fmt::format("cannot read {}: {}", file, fault->why));
        return std::nullopt;
    }
    auto side = side_of(std::get<std::string>(text));
    if (const auto* fault = std::get_if<std::string>(&side)) {
        complain(fmt::format("{}: {}", file, *fault));
        return std::nullopt;
    }
    return std::get<Side>(std::move(side));
}

SideNames names_of(const Side& good, const Side& bad, const CompareCommand& command) {
    const bool by_host = !good.label.empty() && !bad.label.empty() && good.label != bad.label;
    return by_host ? SideNames{good.label, bad.label} : SideNames{command.good, command.bad};
}

}  // namespace

int run_compare(const CompareCommand& command) {
    const std::optional<Side> good = read_side(command.good);
    const std::optional<Side> bad = read_side(command.bad);
    if (!good || !bad) {
        return exit_usage;
    }
    const auto compared = compare(*good, *bad);
    if (const auto* fault = std::get_if<std::string>(&compared)) {
        complain(*fault);
        return exit_usage;
    }
    const auto& comparison = std::get<Comparison>(compared);
    const SideNames names = names_of(*good, *bad, command);
    return print(command.json ? comparison_json(comparison, names)
                              : render_comparison(comparison, names, style_for(STDOUT_FILENO, command.color)),
                 comparison.equal() ? exit_equal : exit_different);
}

}  // namespace whylink::daemon
