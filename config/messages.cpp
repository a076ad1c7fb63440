#include "config/messages.hpp"

#include <algorithm>

#include "config/nearest.hpp"

namespace whylink::config {
namespace {

/// The headers of the tables that have a key of this name.
std::vector<std::string_view> owners(std::string_view key) {
    std::vector<std::string_view> result;
    for (const Key& known : keys()) {
        if (known.name == key && known.section != Section::top) {
            result.push_back(header(known.section));
        }
    }
    return result;
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> result;
    for (const Key& known : keys()) {
        if (known.section != Section::top) {
            result.push_back(known.name);
        }
    }
    return result;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) {
            result += i + 1 == words.size() ? " or " : ", ";
        }
        result += words[i];
    }
    return result;
}

}  // namespace

std::string place(const Source& source, Section section) {
    if (!source.sections) {
        return "";
    }
    if (section == Section::top) {
        return " at the top level";
    }
    return section == Section::profile ? "" : " in " + std::string(header(section));
}

std::string subject(const Key& key, const Source& source) {
    return toml_string(key.name) + place(source, key.section);
}

std::string unknown_key_message(std::string_view key, Section section, const Source& source) {
    const std::string what =
        "unknown key " + found_text({{}, std::string(key)}) + place(source, section) + "; ";
    // A profile has no other table that a key could belong in.
    const bool of_config = section != Section::profile && section != Section::remedy;
    if (const auto tables = owners(key); of_config && !tables.empty()) {
        return what + toml_string(key) + " belongs in " + joined(tables);
    }
    const Nearest near = nearest(key, names(section));
    if (near.close) {
        return what + "did you mean " + toml_string(near.word) + "?";
    }
    const Nearest elsewhere = nearest(key, all_names());
    if (of_config && elsewhere.close) {
        return what + "did you mean " + toml_string(elsewhere.word) + ", which belongs in " +
               joined(owners(elsewhere.word)) + "?";
    }
    return what + "the nearest known key is " + toml_string(near.word);
}

std::string missing_key_message(const Key& key, const Source& source) {
    return "missing " + subject(key, source) + ": it must be " + describe(key);
}

std::string place_text(const std::string& file, Position at) {
    return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

void append_errors(std::vector<Error>& errors, const std::string& file, std::vector<Problem>& problems) {
    std::ranges::stable_sort(problems, {}, &Problem::at);
    for (Problem& problem : problems) {
        errors.push_back({file, problem.at.line, problem.at.column, std::move(problem.message)});
    }
}

}  // namespace whylink::config
