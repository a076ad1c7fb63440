#include "daemon/report/human/canvas.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

// Running text in fewer columns than these is unreadable, however narrow the terminal.
constexpr std::size_t least_room = 32;

// ECMA-48 SGR.
std::string_view code(Ink ink) {
    switch (ink) {
        case Ink::bold:
            return "\x1b[1m";
        case Ink::dim:
            return "\x1b[2m";
        case Ink::good:
            return "\x1b[32m";
        case Ink::warning:
            return "\x1b[33m";
        case Ink::bad:
            return "\x1b[31m";
        case Ink::heading:
            return "\x1b[1;36m";
        case Ink::plain:
            break;
    }
    return {};
}

}  // namespace

Painted spaces(std::size_t width) {
    return {std::string(width, ' '), width};
}

std::string Canvas::fit(std::string_view text) const {
    std::string safe = printable(text);
    return style_.utf8 ? safe : to_ascii(safe);
}

std::string Canvas::coloured(std::string_view text, Ink ink) const {
    if (!style_.colour || ink == Ink::plain || text.empty()) {
        return std::string(text);
    }
    return std::string(code(ink)).append(text).append("\x1b[0m");
}

Painted Canvas::paint(std::string_view text, Ink ink) const {
    const std::string safe = fit(text);
    return {coloured(safe, ink), display_width(safe)};
}

Painted Canvas::cell(std::string_view text, std::size_t width, Ink ink) const {
    Painted result = paint(text, ink);
    const std::size_t missing = width - std::min(result.width, width);
    return std::move(result) + spaces(missing);
}

std::size_t Canvas::width_of(std::string_view text) const {
    return display_width(fit(text));
}

void Canvas::hang(const Painted& lead, std::string_view text, Ink ink) {
    const std::size_t room = std::max(style_.width, lead.width + least_room) - lead.width;
    Painted before = lead;
    for (const std::string& part : wrap(fit(text), room)) {
        line(before + Painted{coloured(part, ink)});
        before = spaces(lead.width);
    }
}

std::vector<std::string> Canvas::broken(std::string_view text, std::size_t room) const {
    return wrap_within(fit(text), room);
}

std::string Canvas::cut_to(std::string_view text, std::size_t room) const {
    return cut(fit(text), room, style_.utf8 ? "…" : "...");
}

void Canvas::prose(const Painted& lead, std::string_view text, std::size_t edge, Ink ink) {
    Painted before = lead;
    for (const std::string& part : broken(text, std::max(edge, lead.width + least_room) - lead.width)) {
        line(before + Painted{coloured(part, ink), display_width(part)});
        before = spaces(lead.width);
    }
}

void Canvas::ends(const Painted& left, const Painted& right, std::size_t edge) {
    if (right.width == 0) {
        line(left);
        return;
    }
    const bool together = left.width + 1 + right.width <= edge;
    if (!together) {
        line(left);
    }
    const Painted before = together ? left : Painted{};
    line(before + spaces(edge - std::min(edge, before.width + right.width)) + right);
}

std::size_t Canvas::height() const {
    return static_cast<std::size_t>(std::ranges::count(out_, '\n'));
}

void Canvas::heading(std::string_view text, std::size_t indent) {
    line();
    line(spaces(indent) + paint(text, Ink::heading));
}

void Canvas::steps(std::span<const std::string> steps, std::size_t indent) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        hang(spaces(indent) + paint(fmt::format("{:>2}. ", i + 1)), steps[i]);
    }
}

void Canvas::line(const Painted& painted) {
    out_ += painted.text;
    // A cell at the end of a line leaves its filling behind.
    const std::size_t end = out_.find_last_not_of(' ');
    out_.resize(end == std::string::npos ? 0 : end + 1);
    out_ += '\n';
}

}  // namespace whylink::daemon
