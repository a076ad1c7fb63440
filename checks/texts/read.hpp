// Reads a text file: a table for each slug, with what is said of it. The files are built in
// and a test reads each, so that a mistake in one is a std::logic_error.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/embedded.hpp"
#include "config/vocabulary.hpp"

namespace whylink::checks {

/// One table. Every key must be taken.
class TextTable {
  public:
    /// `place` names it in a mistake: "causes.toml, no_route".
    TextTable(std::string place, const config::Table& table) : place_(std::move(place)), table_(table) {}

    std::string text(std::string_view key);
    /// Empty when there is none, as the list is.
    std::string optional_text(std::string_view key);
    std::vector<std::string> list(std::string_view key);
    /// False when there is none.
    bool flag(std::string_view key);
    /// What was not taken is unknown.
    void end() const;

  private:
    const config::Value* take(std::string_view key);

    std::string place_;
    const config::Table& table_;
    std::vector<std::string_view> taken_;
};

[[noreturn]] void refuse_text(std::string_view place, std::string_view what);

config::Table parse_texts(const config::EmbeddedToml& file);

/// What `read` makes of each slug and its table, in the order of the slugs.
template <class Read>
auto read_texts(const config::EmbeddedToml& file, std::span<const std::string_view> slugs, Read read) {
    const config::Table root = parse_texts(file);
    std::vector<decltype(read(std::string_view(), std::declval<TextTable&>()))> texts;
    for (const std::string_view slug : slugs) {
        const std::string place = std::string(file.name) + ".toml, " + std::string(slug);
        const config::Member* member = config::find(root, slug);
        const auto* table = member == nullptr ? nullptr : std::get_if<config::Table>(&member->value.data);
        if (table == nullptr) {
            refuse_text(place, "there is no such table");
        }
        TextTable entry(place, *table);
        texts.push_back(read(slug, entry));
        entry.end();
    }
    for (const config::Member& member : root) {
        if (std::ranges::find(slugs, member.key) == slugs.end()) {
            refuse_text(std::string(file.name) + ".toml", "no slug is " + member.key);
        }
    }
    return texts;
}

/// What `read` makes of each value of an enum and its table, in the order of the enumeration.
template <Vocabulary E, class Read>
auto read_texts(const config::EmbeddedToml& file, Read read) {
    return read_texts(file, slugs_of<E>, [&read](std::string_view slug, TextTable& table) {
        return read(*from_slug<E>(slug), table);
    });
}

}  // namespace whylink::checks
