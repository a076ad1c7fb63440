#include "daemon/texts/words.hpp"

#include <algorithm>
#include <array>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "daemon/texts/files.hpp"

namespace whylink::daemon {
namespace {

constexpr std::array<WordGroup, 7> groups{{
    {"severity", "severity", "Severities: how urgent it is"},
    {"confidence", "confidence", "Confidences: how sure the diagnosis is"},
    {"end", "end of a connection", "Ends: how the other side ended a connection"},
    {"warning", "config warning", "Warnings of `whylink config check`, by key"},
    {"event", "log event", "Events of the log"},
    {"change", "history change", "Changes in the history"},
    {"result", "API read result", "Results of reads of the provider's API"},
}};

const config::Table& table_in(const std::string& place, const config::Value& value) {
    const auto* table = value.as<config::Table>();
    if (table == nullptr) {
        checks::refuse_text(place, "must be a table; found " + config::found_text(value));
    }
    return *table;
}

Word read_word(const std::string& place, const config::Member& member) {
    checks::TextTable table(place, table_in(place, member.value));
    Word word{member.key,
              table.text("line"),
              table.text("meaning"),
              table.list("example"),
              table.optional_text("differs"),
              table.list("steps"),
              table.list("see"),
              table.optional_text("planned")};
    table.end();
    if (word.example.empty()) {
        checks::refuse_text(place, "there is no example");
    }
    return word;
}

}  // namespace

std::vector<WordsOfGroup> read_words(const config::EmbeddedToml& file) {
    const std::string name = std::string(file.name) + ".toml";
    const config::Table root = checks::parse_texts(file);
    std::vector<WordsOfGroup> all;
    for (const WordGroup& group : groups) {
        all.push_back({group, {}});
    }
    for (const config::Member& of_group : root) {
        const auto found =
            std::ranges::find(all, of_group.key, [](const WordsOfGroup& one) { return one.group.key; });
        if (found == all.end()) {
            checks::refuse_text(name, "no group is " + of_group.key);
        }
        const std::string place = name + ", " + of_group.key;
        for (const config::Member& member : table_in(place, of_group.value)) {
            found->words.push_back(read_word(place + "." + member.key, member));
        }
    }
    return all;
}

std::span<const WordsOfGroup> word_groups() {
    static const std::vector<WordsOfGroup> all = read_words(checks::text_file("words", explain_files()));
    return all;
}

}  // namespace whylink::daemon
