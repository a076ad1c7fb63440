#include "config/schema.hpp"

#include <algorithm>
#include <iterator>

#include "config/ascii.hpp"
#include "config/document.hpp"
#include "config/duration.hpp"
#include "config/profiles.hpp"

namespace whylink::config {
namespace {

std::string one_of(std::span<const std::string_view> words, Quotes quotes = Quotes::yes) {
    return "one of " + listed(words, quotes);
}

std::string duration_text(std::int64_t milliseconds) {
    return format_duration(std::chrono::milliseconds(milliseconds));
}

std::string range_of_durations(const Key& key) {
    return "a duration from " + duration_text(key.min) + " to " + duration_text(key.max) +
           " (units ms, s, m, h, d)";
}

std::string range_of_sizes(const Key& key) {
    return "a size from " + format_size(static_cast<std::uint64_t>(key.min)) + " to " +
           format_size(static_cast<std::uint64_t>(key.max)) + " (units B, KiB, MiB, GiB, TiB)";
}

/// The kinds that are described alike whatever the key.
std::string_view description(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::text:
            return "a string without control characters";
        case Kind::raw_text:
            return "a string";
        case Kind::name:
            return "1 to 200 bytes without control characters or outer spaces";
        case Kind::host:
            return "a host name or an IP address";
        case Kind::host_name:
            return "a host name";
        case Kind::zone_name:
            return "the name of a DNS zone without \"*.\"";
        case Kind::known_label:
            return "a label of the zone";
        case Kind::address:
            return "an IP address";
        case Kind::network:
            return "an IP address or a CIDR block without host bits";
        case Kind::resolver:
            return "\"system\", ADDRESS or ADDRESS:PORT ([ADDRESS]:PORT for IPv6)";
        case Kind::interface:
            return "the name of a network interface (1 to 15 characters)";
        case Kind::listen:
            return "ADDRESS:PORT, or \"\" to switch HTTP off";
        case Kind::readable_file:
            return "the path of a readable file";
        case Kind::secret_file:
            return "a path, or the name of a systemd credential";
        case Kind::file:
            return "the path of a file";
        case Kind::directory:
            return "the path of a directory";
        case Kind::http_path:
            return "a path that starts with \"/\" and has no spaces";
        case Kind::protocol_name:
            return "a protocol name of 1 to 255 bytes";
        case Kind::labels:
            return "a table of strings";
        case Kind::capture_switch:
            return "\"auto\", true or false";
        case Kind::tls:
            return "true, false or a table [endpoint.tls]";
        case Kind::listener_tls:
            return "a table [daemon.tls]";
        case Kind::users:
            return "a table of bcrypt hashes, [daemon.users]";
        case Kind::script:
            return "an array of tables [[endpoint.expect_script]]";
        case Kind::prose:
            return "1 to 2000 bytes of text without control characters";
        case Kind::prose_list:
            return "an array of texts, each 1 to 2000 bytes without control characters";
        case Kind::profile_name:
            return "1 to 64 lower-case letters, digits, \"-\" and \"_\", but not \"none\"";
        case Kind::profile_base:
            return "the name of a profile";
        case Kind::ports:
            return "an array of ports from 1 to 65535";
        case Kind::host_pattern:
            return "a name with no placeholders but those in every entry of \"hosts\"";
        case Kind::host_patterns:
            return "an array of host names, which may have placeholders";
        case Kind::cause:
            return "the slug of a cause, as `whylink explain` lists them";
        case Kind::remedies:
            return "an array of tables [[remedy]]";
        default:
            return "a table";
    }
}

/// One that fits every key of the kind.
std::string_view example_of(Kind kind) {
    switch (kind) {
        case Kind::name:
            return "\"orders-api\"";
        case Kind::host:
        case Kind::host_name:
            return "\"db.example.com\"";
        case Kind::zone_name:
            return "\"privatelink.example.com\"";
        case Kind::known_label:
            return "\"abcd\"";
        case Kind::address:
            return "\"10.0.0.7\"";
        case Kind::network:
            return "\"10.0.0.0/24\"";
        case Kind::resolver:
            return "\"10.0.0.2\"";
        case Kind::interface:
            return "\"eth0\"";
        case Kind::listen:
            return "\"127.0.0.1:9797\"";
        case Kind::readable_file:
            return "\"/etc/whylink/ca.pem\"";
        case Kind::secret_file:
            return "\"clickhouse-key\"";
        case Kind::directory:
            return "\"/var/lib/whylink/evidence\"";
        case Kind::http_path:
            return "\"/health\"";
        case Kind::protocol_name:
            return "\"h2\"";
        case Kind::labels:
            return "{ team = \"data\" }";
        case Kind::profile_name:
            return "\"acme-redis\"";
        case Kind::profile_base:
            return "\"clickhouse-azure\"";
        case Kind::ports:
            return "[443]";
        case Kind::host_pattern:
            return "\"{instance}.example.com\"";
        case Kind::host_patterns:
            return "[\"{instance}.example.com\"]";
        case Kind::cause:
            return "\"syn_unanswered\"";
        default:
            return "";
    }
}

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::duration || kind == Kind::size;
}

std::string table_cell(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '|') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

std::string table_markdown(std::span<const Key> rows) {
    std::string result = "| key | value | default | meaning |\n|---|---|---|---|\n";
    for (const Key& key : rows) {
        result += "| `" + std::string(key.name) + "` | " + table_cell(describe_value(key)) + " | " +
                  table_cell(describe_default(key)) + " | " + table_cell(key.help) + " |\n";
    }
    return result;
}

bool is_of_profile(Section section) {
    return section == Section::profile || section == Section::remedy;
}

std::vector<Key> keys_of(Section section) {
    std::vector<Key> rows;
    std::ranges::copy_if(is_of_profile(section) ? profile_keys() : keys(), std::back_inserter(rows),
                         [section](const Key& key) { return key.section == section; });
    return rows;
}

std::string section_markdown(Section section) {
    std::vector<Key> rows = keys_of(section);
    const auto inherits = std::erase_if(rows, [](const Key& key) { return key.inherited; });
    std::string result =
        section == Section::top ? "## Top level\n\n" : "## `" + std::string(header(section)) + "`\n\n";
    result += table_markdown(rows);
    if (inherits != 0) {
        result += "\nEvery key of `[defaults]` may stand here too. It then applies to this target only.\n";
    }
    return result + "\n";
}

std::string profiles_markdown() {
    std::string result = "## Profiles\n\n| profile | of | port | `tls` | `app` |\n|---|---|---|---|---|\n";
    for (const Profile& profile : profiles()) {
        const std::string port = profile.ports.empty() ? "required" : std::to_string(profile.ports.front());
        result += "| `" + std::string(profile.name) + "` | " + std::string(profile.title) + " | " + port +
                  " | " + (profile.tls ? "true" : "false") + " | " + std::string(slug(profile.app)) + " |\n";
    }
    return result;
}

}  // namespace

std::string listed(std::span<const std::string_view> words, Quotes quotes) {
    std::string result;
    for (const std::string_view word : words) {
        result += result.empty() ? "" : ", ";
        result += quotes == Quotes::yes ? toml_string(word) : std::string(word);
    }
    return result;
}

std::string_view header(Section section) {
    switch (section) {
        case Section::daemon:
            return "[daemon]";
        case Section::listener_tls:
            return "[daemon.tls]";
        case Section::on_demand:
            return "[probe]";
        case Section::defaults:
            return "[defaults]";
        case Section::capture:
            return "[capture]";
        case Section::history:
            return "[history]";
        case Section::endpoint:
            return "[[endpoint]]";
        case Section::tls:
            return "[endpoint.tls]";
        case Section::expect_script:
            return "[[endpoint.expect_script]]";
        case Section::zone:
            return "[[zone]]";
        case Section::watch:
            return "[[watch]]";
        case Section::account:
            return "[[account]]";
        case Section::remedy:
            return "[[remedy]]";
        default:
            return "";
    }
}

std::string describe(const Key& key) {
    switch (key.kind) {
        case Kind::integer:
            return "an integer from " + std::to_string(key.min) + " to " + std::to_string(key.max);
        case Kind::duration:
            return range_of_durations(key);
        case Kind::size:
            return range_of_sizes(key);
        case Kind::choice:
            return one_of(key.choices);
        case Kind::word:
        case Kind::port_words:
            return one_of(key.choices, Quotes::no);
        case Kind::profile:
            return one_of(profile_names());
        case Kind::looks:
            return "a table of strings: " + listed(look_words, Quotes::no);
        default:
            return std::string(description(key.kind));
    }
}

std::string example_of(const Key& key) {
    if (!key.example.empty()) {
        return std::string(key.example);
    }
    const bool has_value =
        !key.fallback.empty() && (key.fallback.front() == '"' || is_digit(key.fallback.front()));
    return is_number(key.kind) && has_value ? key.fallback : std::string(example_of(key.kind));
}

std::string describe_value(const Key& key) {
    if (key.kind == Kind::port_words) {
        return "a table of ports, each value " + describe(key);
    }
    return (key.list ? "array, each entry " : "") + describe(key);
}

std::string describe_default(const Key& key) {
    if (key.required) {
        return "required";
    }
    if (key.fallback.empty()) {
        return "not set";
    }
    // What is no TOML value is said in words.
    const char first = key.fallback.front();
    const bool value = first == '"' || first == '[' || first == '{' || is_digit(first) ||
                       key.fallback == "true" || key.fallback == "false";
    return value ? "`" + key.fallback + "`" : key.fallback;
}

std::vector<std::string_view> names(Section section) {
    std::vector<std::string_view> result;
    for (const Key& key : keys_of(section)) {
        result.push_back(key.name);
    }
    return result;
}

std::string reference_markdown() {
    std::string result =
        "# Configuration reference\n\nEvery key of the configuration file, its values and its default. This page is "
        "printed from the program's table of keys (`config/keys.cpp`); a test compares the two.\n\n";
    for (const Section section :
         {Section::top, Section::daemon, Section::listener_tls, Section::on_demand, Section::defaults,
          Section::capture, Section::history, Section::endpoint, Section::tls, Section::expect_script,
          Section::zone, Section::watch, Section::account}) {
        result += section_markdown(section);
    }
    return result + profiles_markdown();
}

std::string profile_keys_markdown() {
    return table_markdown(keys_of(Section::profile)) + "\nThe keys of a `[[remedy]]`:\n\n" +
           table_markdown(keys_of(Section::remedy));
}

}  // namespace whylink::config
