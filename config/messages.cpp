#include "config/messages.hpp"

#include <algorithm>

#include "config/ascii.hpp"
#include "config/nearest.hpp"

namespace whylink::config {
namespace {

constexpr std::size_t max_bare_key = 60;
// As many as are read at a glance.
constexpr std::size_t max_listed_keys = 8;

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

/// As it may stand in front of an equals sign.
std::string key_text(std::string_view key) {
    const auto bare = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; };
    return !key.empty() && key.size() <= max_bare_key && std::ranges::all_of(key, bare)
               ? std::string(key)
               : found_text({{}, std::string(key)});
}

/// What the program calls it, which is not what the config does.
std::string option_text(std::string_view key) {
    if (key == "host" || key == "port" || key == "zone") {
        return upper_case(key);
    }
    const bool repeatable = key == "resolvers" || key == "known_labels";
    std::string option = "--" + std::string(key.substr(0, key.size() - (repeatable ? 1 : 0)));
    std::ranges::replace(option, '_', '-');
    return option;
}

/// Where nothing is near: all of few, or where they are.
std::string known_keys(Section section) {
    const std::vector<std::string_view> known = names(section);
    if (section == Section::top || known.size() <= max_listed_keys) {
        return "the keys are " + listed(known, Quotes::no);
    }
    return section == Section::profile
               ? "/usr/share/doc/whylink/reference/profiles.md lists the keys of a profile"
               : "/usr/share/doc/whylink/reference/configuration.md lists the keys of " +
                     std::string(header(section));
}

}  // namespace

std::string key_path(const Source& source, Section section, std::string_view key) {
    if (!source.sections) {
        return option_text(key);
    }
    std::string path(header(section));
    std::erase_if(path, [](char c) { return c == '[' || c == ']'; });
    return path + (path.empty() ? "" : ".") + key_text(key);
}

std::string key_path(const Source& source, const Key& key) {
    return key_path(source, key.section, key.name);
}

std::string allowed(const Key& key) {
    const std::string example = example_of(key);
    return describe(key) + (example.empty() ? "" : ", such as " + example);
}

std::string unknown_key_message(std::string_view key, Section section, const Source& source) {
    const std::string what = key_path(source, section, key) + ": unknown key; ";
    // A profile has no other table that a key could belong in.
    const bool of_config = section != Section::profile && section != Section::remedy;
    if (const auto tables = owners(key); of_config && !tables.empty()) {
        return what + "it belongs in " + joined(tables);
    }
    if (std::string hint = did_you_mean(key, names(section)); !hint.empty()) {
        return what + hint;
    }
    const Nearest elsewhere = nearest(key, all_names());
    if (of_config && elsewhere.close) {
        return what + "did you mean " + toml_string(elsewhere.word) + " in " +
               joined(owners(elsewhere.word)) + "?";
    }
    return what + known_keys(section);
}

std::string missing_key_message(const Key& key, const Source& source) {
    return key_path(source, key) + ": missing; add " + allowed(key);
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
