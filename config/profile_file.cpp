#include "config/profile_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/document.hpp"
#include "config/host_pattern.hpp"
#include "config/keys.hpp"
#include "config/messages.hpp"

namespace whylink::config {
namespace {

/// They are made of the same names in braces, so that all of them are taken over from `extends` or none.
constexpr std::array<std::string_view, 3> made_together{"hosts", "public_host", "zone"};

/// What is made of the names of `hosts` can be made only where every pattern has them.
void check_names(const Table& root, const Profile& profile, Source& source) {
    for (const auto& [key, text] : {std::pair<std::string_view, const std::string&>{"zone", profile.zone},
                                    {"public_host", profile.public_host}}) {
        for (const std::string& name : pattern_names(text)) {
            const auto lacks = [&name](const std::string& pattern) {
                const auto names = pattern_names(pattern);
                return std::ranges::find(names, name) == names.end();
            };
            if (profile.hosts.empty() || std::ranges::any_of(profile.hosts, lacks)) {
                const Key& row = *std::ranges::find(profile_keys(), key, &Key::name);
                source.problems.push_back({find(root, key)->value.at,
                                           key_path(source, row) + ": {" + name +
                                               "} is not in every entry of \"hosts\"; use " + describe(row)});
            }
        }
    }
}

/// What is taken over from `extends` where it is not said is said, even when it is as in a profile without one; but
/// no text is said to be empty.
template <class T>
std::string own_lines(const T& table) {
    return lines(table, [](const Field<T>& row, const std::string& value) {
        const bool told = row.key.required || row.key.inherited;
        return value != "\"\"" && (told || value != row.print(row.key, untouched<T>()));
    });
}

std::string tables(const Profile& profile) {
    std::string result;
    if (!profile.port_apps.empty()) {
        result += "\n[port_apps]\n";
    }
    for (const auto& [port, app] : profile.port_apps) {
        result += std::to_string(port) + " = " + toml_string(slug(app)) + "\n";
    }
    if (!profile.looks.empty()) {
        result += "\n[looks]\n";
    }
    for (const auto& [key, text] : profile.looks) {
        result += key + " = " + toml_string(text) + "\n";
    }
    for (const Remedy& remedy : profile.remedies) {
        result += "\n[[remedy]]\n" + own_lines(remedy);
    }
    return result;
}

}  // namespace

ProfileDraft read_profile(std::string_view toml, std::vector<Problem>& problems) {
    const auto document = parse_document(toml);
    if (const auto* error = std::get_if<SyntaxError>(&document)) {
        problems.push_back({error->at, error->what});
        return {};
    }
    const auto& root = std::get<Table>(document);
    ProfileDraft draft;
    // No key of a profile names a file.
    Source source{.directory = {}, .files = system_files(), .problems = problems};
    read_table(source, {1, 1}, root, draft.profile);
    for (const Member& member : root) {
        draft.given.insert(member.key);
        if (member.key == "name") {
            draft.name_at = member.value.at;
        }
        if (member.key == "extends") {
            draft.extends_at = member.value.at;
        }
    }
    check_names(root, draft.profile, source);
    return draft;
}

void inherit(ProfileDraft& draft, const Profile& base) {
    const auto is_given = [&draft](std::string_view key) { return draft.given.contains(key); };
    const bool has_names = std::ranges::any_of(made_together, is_given);
    for (const Field<Profile>& row : fields<Profile>()) {
        const bool is_name = std::ranges::find(made_together, row.key.name) != made_together.end();
        if (row.key.inherited && !(is_name ? has_names : is_given(row.key.name))) {
            row.copy(base, draft.profile);
        }
    }
}

std::string profile_toml(const Profile& profile) {
    return own_lines(profile) + tables(profile);
}

}  // namespace whylink::config
