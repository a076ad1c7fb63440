// A page for man(1), in the macros of man(7).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace whylink::manual {

/// Of the release that a page belongs to.
struct Release {
    std::string version;
    std::string date;  ///< "2026-01-31"
};

/// Texts may hold `code`, which is set in bold. Headings and examples stand as they are.
class Roff {
  public:
    /// "whylink.toml", 5, "configuration of whylink"
    Roff(std::string_view name, int section, std::string_view what, const Release& release);

    void heading(std::string_view title);
    void subheading(std::string_view title);
    void paragraph(std::string_view text);
    /// A term, and behind it what it means, a paragraph each.
    void item(std::string_view term, const std::vector<std::string>& texts);
    void example(std::span<const std::string> lines);
    /// One that belongs to the last item.
    void item_example(std::span<const std::string> lines);
    /// "whylink.toml(5)", each behind a comma.
    void references(const std::vector<std::string>& pages);

    std::string take() { return std::move(page_); }

  private:
    void begin_paragraph();
    void fill(std::string_view text);
    void literal(std::span<const std::string> lines);

    std::string page_;
};

}  // namespace whylink::manual
