// What may stand in a config and in a profile's file: the one table of keys, from which loading, its messages,
// printing and the documentation come. The rows are in keys.cpp and profile_keys.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::config {

/// Of a config, and `profile` (its top level) and `remedy` of a profile's file.
enum class Section {
    top,
    daemon,
    listener_tls,
    on_demand,
    defaults,
    capture,
    history,
    endpoint,
    tls,
    expect_script,
    zone,
    watch,
    account,
    profile,
    remedy
};

/// "[[endpoint]]", "[endpoint.tls]"; empty for a top level.
std::string_view header(Section section);

/// What a value is, which decides how it is read, checked, described and printed.
enum class Kind {
    boolean,
    integer,   ///< min to max
    duration,  ///< min to max milliseconds
    size,      ///< min to max bytes
    choice,    ///< one of `choices`
    text,      ///< without control characters
    raw_text,  ///< any string
    name,
    host,  ///< a host name or an address
    host_name,
    zone_name,
    known_label,
    address,
    network,  ///< an address or a CIDR block
    resolver,
    profile,
    interface,
    listen,
    readable_file,
    secret_file,  ///< of another program's: a path, or the name of a credential of systemd
    file,         ///< which the daemon reads, and whoever loads the config perhaps may not
    directory,
    http_path,
    protocol_name,   ///< of ALPN, RFC 7301
    labels,          ///< a table of strings
    capture_switch,  ///< "auto", true or false
    tls,             ///< true, false or a table
    listener_tls,    ///< a table
    users,           ///< a table of bcrypt hashes
    script,          ///< an array of tables
    tables,          ///< of the top level
    // Of a profile's file:
    prose,
    prose_list,
    profile_name,
    profile_base,
    word,  ///< one of `choices`
    ports,
    port_words,  ///< a table: one of `choices` for each port
    host_pattern,
    host_patterns,
    looks,
    cause,
    remedies,
};

struct Key {
    Section section = Section::top;
    std::string_view name{};
    Kind kind = Kind::text;
    std::string_view help{};
    /// The default as TOML, or in words where it depends on something; empty: none. Filled in from the
    /// default value where the row does not say.
    std::string fallback{};
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::span<const std::string_view> choices{};
    /// A good value as TOML, of a list one of its entries; empty: the default, else that of the kind.
    std::string_view example{};
    bool list = false;
    bool required = false;
    bool may_be_empty = false;  ///< "" means: not set
    bool secret = false;        ///< no text shows its values
    /// A key of [defaults] that stands in an endpoint or zone; one that a profile takes over from `extends`.
    bool inherited = false;
};

/// Every key of a config, section by section, in the order in which they are shown.
std::span<const Key> keys();
/// The same of a profile's file.
std::span<const Key> profile_keys();

enum class Quotes { no, yes };
/// `"one", "two"`
std::string listed(std::span<const std::string_view> words, Quotes quotes = Quotes::yes);

/// What a value of the key is, or each entry of a list: "an integer from 1 to 65535".
std::string describe(const Key& key);

/// The same of a list: "array, each entry an IP address".
std::string describe_value(const Key& key);

/// "required", "not set", words, or a value as TOML in backquotes.
std::string describe_default(const Key& key);

/// A good value of it as TOML, or of an entry; empty where the description has all of them.
std::string example_of(const Key& key);

/// The names of a section, for the nearest one to a mistake.
std::vector<std::string_view> names(Section section);

/// The table of keys as the reference page docs/reference/configuration.md.
std::string reference_markdown();
/// That of a profile's file, which docs/reference/profiles.md has.
std::string profile_keys_markdown();

}  // namespace whylink::config
