// Lays out text in lines for a terminal: marks, colours, columns, hanging indents.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
    /// The same within `edge` columns; a word that is longer is broken.
    void prose(const Painted& lead, std::string_view text, std::size_t edge, Ink ink = Ink::plain);
    /// `text` made fit and broken into lines of at most `room` columns.
    std::vector<std::string> broken(std::string_view text, std::size_t room) const;
    /// At most `room` columns of it.
    std::string cut_to(std::string_view text, std::size_t room) const;
    /// `left`, and `right` ending at the column `edge`: on a line of its own where both have no room.
    void ends(const Painted& left, const Painted& right, std::size_t edge);
    void line(const Painted& painted = {});
    /// Of what follows, behind an empty line.
    void heading(std::string_view text, std::size_t indent = 0);
    /// " 1. Do this.", and so on.
    void steps(std::span<const std::string> steps, std::size_t indent);

    /// What another canvas of the same style has written.
    void add(Canvas written) { out_ += written.take(); }

    bool utf8() const { return style_.utf8; }
    const HumanStyle& style() const { return style_; }
    /// Where running text ends: wider terminals get wider evidence, not longer lines to read.
    std::size_t text_edge() const { return std::min(style_.width, design_width) - margin; }
    /// Where evidence ends.
    std::size_t evidence_edge() const { return style_.width - margin; }
    /// Lines so far.
    std::size_t height() const;
    std::string take() { return std::move(out_); }

  private:
    static constexpr std::size_t design_width = 80;
    static constexpr std::size_t margin = 2;

    std::string fit(std::string_view text) const;
    std::string coloured(std::string_view text, Ink ink) const;

    HumanStyle style_;
    std::string out_;
};

}  // namespace whylink::daemon
