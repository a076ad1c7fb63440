// Lays out text in lines for a terminal: marks, colours, columns, hanging indents.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

enum class Ink { plain, bold, dim, good, warning, bad, heading };

/// Text in colour, and how wide it is on the terminal.
struct Painted {
    std::string text;
    std::size_t width = 0;

    friend Painted operator+(Painted left, const Painted& right) {
        return {std::move(left.text) + right.text, left.width + right.width};
    }
};

Painted spaces(std::size_t width);

class Canvas {
  public:
    explicit Canvas(const HumanStyle& style) : style_(style) {}

    /// Makes any text harmless and puts it in colour.
    Painted paint(std::string_view text, Ink ink = Ink::plain) const;
    /// The same, filled up with spaces to `width` columns.
    Painted cell(std::string_view text, std::size_t width, Ink ink = Ink::plain) const;
    /// What `utf8` needs on this terminal, escapes included.
    std::size_t width_of(std::string_view text) const;

    /// `lead`, then `text` wrapped in the columns that are left; further lines are indented to where `text`
    /// began.
    void hang(const Painted& lead, std::string_view text, Ink ink = Ink::plain);
    /// Whether `text` has room behind `lead` on the same line.
    bool fits(const Painted& lead, std::string_view text) const {
        return lead.width + width_of(text) <= style_.width;
    }
    void line(const Painted& painted = {});
    /// Of what follows, behind an empty line.
    void heading(std::string_view text, std::size_t indent = 0);
    /// " 1. Do this.", and so on.
    void steps(std::span<const std::string> steps, std::size_t indent);

    bool utf8() const { return style_.utf8; }
    std::string take() { return std::move(out_); }

  private:
    std::string fit(std::string_view text) const;
    std::string coloured(std::string_view text, Ink ink) const;

    HumanStyle style_;
    std::string out_;
};

}  // namespace whylink::daemon
