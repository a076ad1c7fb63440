#include "config/profile_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/cause.hpp"
#include "config/dns_name.hpp"
#include "config/document.hpp"
#include "config/nearest.hpp"

namespace whylink::config {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t max_text = 2'000;
constexpr std::array<std::string_view, 4> look_words{"healthy", "pending", "not_allowed", "zone_not_linked"};

/// What is at fault, and why; no value when nothing is.
struct Fault {
    const Value* value = nullptr;
    std::string why = {};
};

const std::string* text_in(const Value& value) {
    const auto* text = std::get_if<std::string>(&value.data);
    const bool good =
        text != nullptr && !text->empty() && text->size() <= max_text && !text_fault(Kind::text, *text);
    return good ? text : nullptr;
}

Fault read_text(const Value& value, std::string& field) {
    const std::string* text = text_in(value);
    if (text == nullptr) {
        return {&value};
    }
    field = *text;
    return {};
}

Fault read_texts(const Value& value, std::vector<std::string>& field) {
    const auto* entries = std::get_if<Array>(&value.data);
    if (entries == nullptr) {
        return {&value};
    }
    for (const Value& entry : *entries) {
        if (const Fault fault = read_text(entry, field.emplace_back()); fault.value != nullptr) {
            return fault;
        }
    }
    return {};
}

Fault read_flag(const Value& value, bool& field) {
    const auto* flag = std::get_if<bool>(&value.data);
    if (flag == nullptr) {
        return {&value};
    }
    field = *flag;
    return {};
}

template <Vocabulary E>
Fault read_word(const Value& value, E& field) {
    const auto* text = std::get_if<std::string>(&value.data);
    const auto word = text == nullptr ? std::nullopt : from_slug<E>(*text);
    if (!word) {
        return {&value};
    }
    field = *word;
    return {};
}

bool is_slug(std::string_view text) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    // "none" is what the command line calls no profile.
    return !text.empty() && text.size() <= max_name && std::ranges::all_of(text, good) && text != "none";
}

Fault read_name(const Value& value, std::string& field) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr || !is_slug(*text)) {
        return {&value};
    }
    field = *text;
    return {};
}

Fault read_ports(const Value& value, std::vector<std::uint16_t>& field) {
    const auto* entries = std::get_if<Array>(&value.data);
    if (entries == nullptr) {
        return {&value};
    }
    for (const Value& entry : *entries) {
        const auto* port = std::get_if<std::int64_t>(&entry.data);
        if (port == nullptr || *port < 1 || *port > 65'535) {
            return {&entry};
        }
        if (std::ranges::find(field, *port) != field.end()) {
            return {&entry, "it stands twice"};
        }
        field.push_back(static_cast<std::uint16_t>(*port));
    }
    return {};
}

Fault read_app(const Value& value, App& field) {
    const auto* text = std::get_if<std::string>(&value.data);
    const auto app = text == nullptr ? std::nullopt : from_slug<App>(*text);
    // A script belongs to an endpoint.
    if (!app || *app == App::expect) {
        return {&value};
    }
    field = *app;
    return {};
}

Fault read_port_apps(const Value& value, std::map<std::uint16_t, App>& field) {
    const auto* table = std::get_if<Table>(&value.data);
    if (table == nullptr) {
        return {&value};
    }
    for (const Member& member : *table) {
        std::uint16_t port = 0;
        const char* end = member.key.data() + member.key.size();
        const auto parsed = std::from_chars(member.key.data(), end, port);
        if (parsed.ec != std::errc{} || parsed.ptr != end || port == 0) {
            return {&member.value, "its key " + toml_string(member.key) + " is no port"};
        }
        if (const Fault fault = read_app(member.value, field[port]); fault.value != nullptr) {
            return fault;
        }
    }
    return {};
}

Fault read_hosts(const Value& value, std::vector<std::string>& field) {
    const auto* entries = std::get_if<Array>(&value.data);
    if (entries == nullptr) {
        return {&value};
    }
    for (const Value& entry : *entries) {
        const std::string* text = text_in(entry);
        if (text == nullptr) {
            return {&entry};
        }
        if (auto fault = pattern_fault(*text)) {
            return {&entry, std::move(*fault)};
        }
        field.push_back(canonical_name(*text));
    }
    return {};
}

Fault read_pattern(const Value& value, std::string& field) {
    const std::string* text = text_in(value);
    if (text == nullptr) {
        return {&value};
    }
    if (auto fault = pattern_fault(*text)) {
        return {&value, std::move(*fault)};
    }
    field = canonical_name(*text);
    return {};
}

Fault read_looks(const Value& value, std::map<std::string, std::string>& field) {
    const auto* table = std::get_if<Table>(&value.data);
    if (table == nullptr) {
        return {&value};
    }
    for (const Member& member : *table) {
        if (std::ranges::find(look_words, member.key) == look_words.end()) {
            return {&member.value, "unknown key " + toml_string(member.key)};
        }
        if (const Fault fault = read_text(member.value, field[member.key]); fault.value != nullptr) {
            return fault;
        }
    }
    return {};
}

Fault read_cause(const Value& value, std::string& field) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr) {
        return {&value};
    }
    if (!from_slug<Cause>(*text)) {
        const Nearest near = nearest(*text, slugs_of<Cause>);
        return {&value,
                near.close ? "did you mean " + toml_string(near.word) + "?" : "whylink explain lists them"};
    }
    field = *text;
    return {};
}

template <class T>
struct Row {
    std::string_view key;
    std::string_view what;
    Fault (*read)(const Value& value, T& target);
    bool required = false;
};

constexpr std::string_view any_text = "a string of 1 to 2000 bytes without control characters";
constexpr std::string_view texts =
    "an array, each entry a string of 1 to 2000 bytes without control characters";
constexpr std::string_view app_words = "one of none, http, clickhouse, redis, mqtt, postgres, mysql";
constexpr std::string_view made_of_hosts = "a name made of the names in braces of every entry of \"hosts\"";

using P = Profile;
using V = const Value&;

constexpr std::array<Row<Remedy>, 4> remedy_rows{{
    {"cause", "the slug of a cause", [](V v, Remedy& r) { return read_cause(v, r.cause); }, true},
    {"side", "one of either, consumer, provider", [](V v, Remedy& r) { return read_word(v, r.side); }},
    {"complete", "true or false", [](V v, Remedy& r) { return read_flag(v, r.complete); }},
    {"steps", texts, [](V v, Remedy& r) { return read_texts(v, r.steps); }, true},
}};

constexpr std::array<Row<P>, 18> rows{{
    {"name", "a string of 1 to 64 small letters, digits, '-' and '_', and not \"none\"",
     [](V v, P& p) { return read_name(v, p.name); }, true},
    {"title", any_text, [](V v, P& p) { return read_text(v, p.title); }, true},
    {"extends", "the name of a profile", [](V v, P& p) { return read_name(v, p.extends); }},
    {"provider", "one of generic, aws, azure, gcp", [](V v, P& p) { return read_word(v, p.provider); }},
    {"ports", "an array of ports from 1 to 65535", [](V v, P& p) { return read_ports(v, p.ports); }},
    {"tls", "true or false", [](V v, P& p) { return read_flag(v, p.tls); }},
    {"app", app_words, [](V v, P& p) { return read_app(v, p.app); }},
    {"port_apps", app_words, [](V v, P& p) { return read_port_apps(v, p.port_apps); }},
    {"allow_list", "true or false", [](V v, P& p) { return read_flag(v, p.has_allow_list); }},
    {"hosts", "an array of host names with names in braces, \"{instance}.{region}.example.com\"",
     [](V v, P& p) { return read_hosts(v, p.hosts); }},
    {"public_host", made_of_hosts, [](V v, P& p) { return read_pattern(v, p.public_host); }},
    {"zone", made_of_hosts, [](V v, P& p) { return read_pattern(v, p.zone); }},
    {"endpoint_id", any_text, [](V v, P& p) { return read_text(v, p.endpoint_id); }},
    {"service", any_text, [](V v, P& p) { return read_text(v, p.service); }},
    {"looks", "a table of strings: healthy, pending, not_allowed, zone_not_linked",
     [](V v, P& p) { return read_looks(v, p.looks); }},
    {"limits", texts, [](V v, P& p) { return read_texts(v, p.limits); }},
    {"sources", texts, [](V v, P& p) { return read_texts(v, p.sources); }},
    {"remedy", "an array of tables, [[remedy]]", nullptr},
}};

class Reader {
  public:
    explicit Reader(std::vector<Problem>& problems) : problems_(problems) {}

    ProfileDraft read(const Table& root) {
        ProfileDraft draft;
        read_rows(root, {1, 1}, rows, "", draft.profile);
        for (const Member& member : root) {
            draft.given.insert(member.key);
            if (member.key == "name") {
                draft.name_at = member.value.at;
            }
            if (member.key == "extends") {
                draft.extends_at = member.value.at;
            }
            if (member.key == "remedy") {
                read_remedies(member.value, draft.profile);
            }
        }
        check_names(root, draft.profile);
        return draft;
    }

  private:
    void add(Position at, std::string message) { problems_.push_back({at, std::move(message)}); }

    template <class T, std::size_t size>
    void unknown(const Member& member, const std::array<Row<T>, size>& known, std::string_view place) {
        std::vector<std::string_view> names;
        for (const auto& row : known) {
            names.push_back(row.key);
        }
        const Nearest near = nearest(member.key, names);
        add(member.at, "unknown key " + found_text({{}, member.key}) + std::string(place) + "; " +
                           (near.close ? "did you mean " + toml_string(near.word) + "?"
                                       : "the nearest known key is " + toml_string(near.word)));
    }

    template <class T, std::size_t size>
    void read_rows(const Table& table, Position at, const std::array<Row<T>, size>& known,
                   std::string_view place, T& target) {
        for (const Member& member : table) {
            const auto row = std::ranges::find(known, member.key, &Row<T>::key);
            if (row == known.end()) {
                unknown(member, known, place);
            } else if (row->read != nullptr) {
                report(*row, place, row->read(member.value, target));
            }
        }
        for (const Row<T>& row : known) {
            if (row.required && find(table, row.key) == nullptr) {
                add(at, "missing " + toml_string(row.key) + std::string(place) + ": it must be " +
                            std::string(row.what));
            }
        }
    }

    template <class T>
    void report(const Row<T>& row, std::string_view place, const Fault& fault) {
        if (fault.value == nullptr) {
            return;
        }
        add(fault.value->at, toml_string(row.key) + std::string(place) + " must be " + std::string(row.what) +
                                 "; found " + found_text(*fault.value) +
                                 (fault.why.empty() ? "" : ": " + fault.why));
    }

    void read_remedies(const Value& value, Profile& profile) {
        const auto* entries = std::get_if<Array>(&value.data);
        if (entries == nullptr) {
            return report(rows.back(), "", {&value});
        }
        for (const Value& entry : *entries) {
            const auto* table = std::get_if<Table>(&entry.data);
            if (table == nullptr) {
                report(rows.back(), "", {&entry});
                continue;
            }
            read_rows(*table, entry.at, remedy_rows, " in [[remedy]]", profile.remedies.emplace_back());
        }
    }

    /// What is made of the names of `hosts` can be made only where every pattern has them.
    void check_names(const Table& root, const Profile& profile) {
        for (const auto& [key, text] : {std::pair<std::string_view, const std::string&>{"zone", profile.zone},
                                        {"public_host", profile.public_host}}) {
            for (const std::string& name : pattern_names(text)) {
                const auto lacks = [&name](const std::string& pattern) {
                    const auto names = pattern_names(pattern);
                    return std::ranges::find(names, name) == names.end();
                };
                if (profile.hosts.empty() || std::ranges::any_of(profile.hosts, lacks)) {
                    add(find(root, key)->value.at, toml_string(key) + " must be " +
                                                       std::string(made_of_hosts) + "; {" + name +
                                                       "} is not in every one");
                }
            }
        }
    }

    std::vector<Problem>& problems_;
};

}  // namespace

ProfileDraft read_profile(std::string_view toml, std::vector<Problem>& problems) {
    const auto document = parse_document(toml);
    if (const auto* error = std::get_if<SyntaxError>(&document)) {
        problems.push_back({error->at, error->what});
        return {};
    }
    return Reader(problems).read(std::get<Table>(document));
}

void inherit(ProfileDraft& draft, const Profile& base) {
    Profile& own = draft.profile;
    const auto take = [&](std::string_view key, auto member) {
        if (!draft.given.contains(key)) {
            own.*member = base.*member;
        }
    };
    take("provider", &P::provider);
    take("ports", &P::ports);
    take("tls", &P::tls);
    take("app", &P::app);
    take("port_apps", &P::port_apps);
    take("allow_list", &P::has_allow_list);
    take("endpoint_id", &P::endpoint_id);
    take("service", &P::service);
    take("looks", &P::looks);
    const bool names =
        draft.given.contains("hosts") || draft.given.contains("zone") || draft.given.contains("public_host");
    if (names) {
        return;
    }
    own.hosts = base.hosts;
    own.zone = base.zone;
    own.public_host = base.public_host;
}

std::vector<std::string_view> profile_keys() {
    std::vector<std::string_view> keys;
    for (const auto& row : rows) {
        keys.push_back(row.key);
    }
    for (const auto& row : remedy_rows) {
        keys.push_back(row.key);
    }
    return keys;
}

}  // namespace whylink::config
