// Reads a text file: a table for each slug of an enum, with what is said of that value. The files are built in
// and a test reads each, so that a mistake in one is a std::logic_error.
#pragma once

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

/// What `read` makes of each value and its table, in the order of the enumeration.
template <Vocabulary E, class Read>
auto read_texts(const config::EmbeddedToml& file, Read read) {
    const config::Table root = parse_texts(file);
    std::vector<decltype(read(E{}, std::declval<TextTable&>()))> texts;
    for (const Term<E>& term : terms_of<E>) {
        const std::string place = std::string(file.name) + ".toml, " + std::string(term.slug);
        const config::Member* member = config::find(root, term.slug);
        const auto* table = member == nullptr ? nullptr : std::get_if<config::Table>(&member->value.data);
        if (table == nullptr) {
            refuse_text(place, "there is no such table");
        }
        TextTable entry(place, *table);
        texts.push_back(read(term.value, entry));
        entry.end();
    }
    for (const config::Member& member : root) {
        if (!from_slug<E>(member.key)) {
            refuse_text(std::string(file.name) + ".toml", "no slug is " + member.key);
        }
    }
    return texts;
}

}  // namespace whylink::checks
