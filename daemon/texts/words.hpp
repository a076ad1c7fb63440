// What `whylink explain` says of the words that have no text elsewhere: words.toml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/embedded.hpp"

namespace whylink::daemon {

/// Words of one kind.
struct WordGroup {
    std::string_view key;      ///< in words.toml: "severity"
    std::string_view what;     ///< a word of the group, for its title
    std::string_view heading;  ///< of the group in the list
};

struct Word {
    std::string slug;
    std::string line;
    std::string meaning;
    std::vector<std::string> example;
    std::string differs;  ///< may be empty, as the following may
    std::vector<std::string> steps;
    std::vector<std::string> see;
    std::string planned;  ///< what this version does not do; empty: the word is printed
};

struct WordsOfGroup {
    WordGroup group;
    std::vector<Word> words;  ///< in the order of the file
};

/// In the order of the list. Read when first asked for.
std::span<const WordsOfGroup> word_groups();

/// Of another file than the one that is built in; throws std::logic_error for what is wrong with it.
std::vector<WordsOfGroup> read_words(const config::EmbeddedToml& file);

}  // namespace whylink::daemon
