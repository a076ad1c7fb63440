#include "config/values.hpp"

#include <algorithm>
#include <set>

#include "config/ascii.hpp"
#include "config/cause.hpp"
#include "config/dns_name.hpp"
#include "config/duration.hpp"
#include "config/host_pattern.hpp"
#include "config/keys.hpp"
#include "config/messages.hpp"
#include "config/nearest.hpp"
#include "config/profiles.hpp"
#include "config/resolver_text.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

// Random names of a zone are one or two labels of up to 31 characters before it.
constexpr std::size_t max_zone_name = 253 - 64;
constexpr std::size_t max_interface_name = 15;  // IFNAMSIZ less the NUL
constexpr std::size_t max_name = 200;
constexpr std::size_t max_profile_name = 64;
constexpr std::size_t max_prose = 2'000;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, is_control);
}

Fault fault_unless(bool good) {
    return good ? std::nullopt : std::optional(std::string());
}

Fault host_fault(std::string_view text) {
    if (IpAddress::parse(text)) {
        return std::nullopt;
    }
    if (text.find("://") != std::string_view::npos) {
        return "it is a URL";
    }
    const auto place = parse_host_port(text);
    return place && place->port ? Fault("the port belongs in `port`") : host_name_fault(text);
}

Fault zone_fault(std::string_view text) {
    if (text.starts_with("*.")) {
        return "it starts with \"*.\"";
    }
    if (text.size() > max_zone_name) {
        return "it leaves no room for random labels";
    }
    return host_name_fault(text);
}

Fault network_fault(std::string_view text) {
    if (Cidr::parse(text)) {
        return std::nullopt;
    }
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (slash == std::string_view::npos || !address) {
        return "";
    }
    // With the address cleared the length decides alone, and only host bits can have been at fault.
    const std::string length(text.substr(slash));
    const bool good_length = Cidr::parse((address->is_v4() ? "0.0.0.0" : "::") + length).has_value();
    return good_length ? "it has host bits set" : "wrong prefix length";
}

/// The program's and the user's.
std::vector<std::string_view> known_profiles(std::span<const OwnProfile> own) {
    std::vector<std::string_view> known = profile_names();
    for (const OwnProfile& one : own) {
        known.push_back(one.profile->name);
    }
    return known;
}

bool is_interface_name(std::string_view text) {
    const auto bad = [](char c) { return is_control(c) || c == '/' || c == ' '; };
    return !text.empty() && text.size() <= max_interface_name && std::ranges::none_of(text, bad);
}

bool is_listen(std::string_view text) {
    // Port 0 lets the kernel choose, which parse_host_port refuses for a peer.
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !parse_port(text.substr(colon + 1))) {
        return false;
    }
    std::string_view address = text.substr(0, colon);
    const bool brackets = address.starts_with('[') && address.ends_with(']');
    if (brackets) {
        address = address.substr(1, address.size() - 2);
    }
    const auto parsed = IpAddress::parse(address);
    return parsed && parsed->is_v6() == brackets;
}

bool is_http_path(std::string_view text) {
    const auto bad = [](char c) { return is_control(c) || c == ' '; };
    return text.starts_with('/') && std::ranges::none_of(text, bad);
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= max_name && !has_control(text) && text.front() != ' ' &&
           text.back() != ' ';
}

bool is_prose(std::string_view text) {
    return !text.empty() && text.size() <= max_prose && !has_control(text);
}

/// "none" is what the command line calls no profile.
bool is_profile_name(std::string_view text) {
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= max_profile_name && std::ranges::all_of(text, good) &&
           text != "none";
}

bool is_path(std::string_view text) {
    return !text.empty() && text.find('\0') == std::string_view::npos;
}

/// Names that start with "__" are Prometheus' own, and the three are labels of the metric already.
bool is_reserved_label(std::string_view text) {
    return text.starts_with("__") || text == "kind" || text == "name" || text == "profile";
}

/// Absolute, so that it means the same wherever it is read again.
fs::path resolved(const fs::path& directory, const std::string& text) {
    std::error_code error;
    const fs::path path = directory / text;
    const fs::path absolute = fs::absolute(path, error);
    return (error ? path : absolute).lexically_normal();
}

}  // namespace

bool is_label_name(std::string_view text) {
    const auto good = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
    const bool taken = text == "kind" || text == "name" || text == "profile";
    return !text.empty() && std::ranges::all_of(text, good) && !is_digit(text.front()) &&
           !text.starts_with("__") && !taken;
}

const OwnProfile* find_own(std::span<const OwnProfile> all, std::string_view name) {
    const auto found = std::ranges::find(
        all, name, [](const OwnProfile& one) { return std::string_view(one.profile->name); });
    return found == all.end() ? nullptr : &*found;
}

Fault text_fault(Kind kind, std::string_view text) {
    switch (kind) {
        case Kind::text:
            return fault_unless(!has_control(text));
        case Kind::name:
            return fault_unless(is_name(text));
        case Kind::host:
            return host_fault(text);
        case Kind::host_name:
            return host_name_fault(text);
        case Kind::zone_name:
            return zone_fault(text);
        case Kind::known_label:
            // Whether it fits before the zone is judged with the zone.
            return host_name_fault(std::string(text) + ".zone");
        case Kind::address:
            return fault_unless(IpAddress::parse(text).has_value());
        case Kind::network:
            return network_fault(text);
        case Kind::resolver:
            return fault_unless(Resolver::parse(text).has_value());
        case Kind::profile:
            return fault_unless(find_profile(text) != nullptr);
        case Kind::interface:
            return fault_unless(is_interface_name(text));
        case Kind::listen:
            return fault_unless(is_listen(text));
        case Kind::readable_file:
        case Kind::secret_file:
        case Kind::file:
        case Kind::directory:
            return fault_unless(is_path(text));
        case Kind::http_path:
            return fault_unless(is_http_path(text));
        case Kind::protocol_name:
            return fault_unless(!text.empty() && text.size() <= 255);
        case Kind::prose:
        case Kind::prose_list:
            return fault_unless(is_prose(text));
        case Kind::profile_name:
        case Kind::profile_base:
            return fault_unless(is_profile_name(text));
        case Kind::host_pattern:
        case Kind::host_patterns:
            return is_prose(text) ? pattern_fault(text) : "";
        case Kind::cause:
            return fault_unless(from_slug<Cause>(text).has_value());
        default:
            return std::nullopt;
    }
}

void ValueReader::refuse(Position at, const std::string& what, const std::string& advice) {
    source_.problems.push_back({at, key_path(source_, key_) + ": " + what + "; " + advice});
}

std::string ValueReader::found(const Value& value) const {
    const bool holds_others = value.as<Array>() != nullptr || value.as<Table>() != nullptr;
    return key_.secret && !holds_others ? "the value (not shown)" : found_text(value);
}

std::string ValueReader::advice(const Value& value) const {
    const bool of_profiles = key_.kind == Kind::profile;
    const std::vector<std::string_view> profiles =
        of_profiles ? known_profiles(source_.own_profiles) : std::vector<std::string_view>();
    const auto* text = value.as<std::string>();
    if (text != nullptr) {
        const std::string hint = did_you_mean(*text, of_profiles ? std::span<const std::string_view>(profiles)
                                                     : key_.kind == Kind::cause
                                                         ? std::span<const std::string_view>(slugs_of<Cause>)
                                                         : key_.choices);
        if (!hint.empty()) {
            return hint;
        }
    }
    return "use " + (of_profiles ? "one of " + listed(profiles) : allowed(key_));
}

void ValueReader::reject(const Value& value, std::string_view detail) {
    refuse(value.at, found(value) + " is not valid" + (detail.empty() ? "" : ": " + std::string(detail)),
           advice(value));
}

void ValueReader::reject_list(const Value& value) {
    const std::string example = example_of(key_);
    refuse(value.at, found(value) + " is not an array",
           "use an array, each entry " + describe(key_) +
               (example.empty() ? "" : ", such as [" + example + "]"));
}

std::optional<std::int64_t> ValueReader::in_range(const Value& value, std::optional<std::int64_t> number) {
    if (!number) {
        reject(value);
        return std::nullopt;
    }
    if (*number < key_.min || *number > key_.max) {
        refuse(value.at, found(value) + " is out of range", advice(value));
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> ValueReader::integer(const Value& value) {
    const auto* number = value.as<std::int64_t>();
    return in_range(value, number != nullptr ? std::optional(*number) : std::nullopt);
}

std::optional<std::int64_t> ValueReader::milliseconds(const Value& value) {
    const auto* text = value.as<std::string>();
    const auto duration = text != nullptr ? parse_duration(*text) : std::nullopt;
    return in_range(value, duration ? std::optional(duration->count()) : std::nullopt);
}

void ValueReader::read(const Value& value, bool& field) {
    if (const auto* boolean = value.as<bool>()) {
        field = *boolean;
    } else {
        reject(value);
    }
}

void ValueReader::read(const Value& value, std::string& field) {
    const auto* text = value.as<std::string>();
    if (text == nullptr) {
        return reject(value);
    }
    const bool unset = text->empty() && key_.may_be_empty;
    const bool own = key_.kind == Kind::profile && find_own(source_.own_profiles, *text) != nullptr;
    if (const auto fault = unset || own ? std::nullopt : text_fault(key_.kind, *text)) {
        return reject(value, *fault);
    }
    if (unset) {
        field.clear();
    } else if (key_.kind == Kind::readable_file) {
        read_file(value, *text, field);
    } else if (key_.kind == Kind::secret_file) {
        read_secret_file(value, *text, field);
    } else if (key_.kind == Kind::directory || key_.kind == Kind::file) {
        field = resolved(source_.directory, *text).string();
    } else if (key_.kind == Kind::host_pattern || key_.kind == Kind::host_patterns) {
        field = canonical_name(*text);
    } else {
        field = *text;
    }
}

void ValueReader::read_file(const Value& value, const std::string& text, std::string& field) {
    // A key that stands where its file should is no path to be repeated.
    if (text.find("-----BEGIN ") != std::string::npos) {
        return refuse(value.at, "the value is the content of a PEM file (not shown)", "use " + allowed(key_));
    }
    const fs::path path = resolved(source_.directory, text);
    if (const auto fault = source_.files.fault(path)) {
        return refuse(value.at, "cannot read " + toml_string(path.string()) + ": " + fault->why,
                      "use " + allowed(key_));
    }
    field = path.string();
}

/// Whoever reads it is another account, so that nothing is said here of a file that this one cannot read.
void ValueReader::read_secret_file(const Value& value, const std::string& text, std::string& field) {
    constexpr std::size_t longest = 4096;  // PATH_MAX
    if (text.find("-----BEGIN ") != std::string::npos || text.size() > longest || has_control(text)) {
        return refuse(value.at, "the value is the content of a file (not shown)", "use " + allowed(key_));
    }
    field = text.find('/') == std::string::npos ? text : resolved(source_.directory, text).string();
}

void ValueReader::read(const Value& value, std::uint64_t& field) {
    const auto* text = value.as<std::string>();
    const auto size = text != nullptr ? parse_size(*text) : std::nullopt;
    const auto bytes = size ? std::optional(static_cast<std::int64_t>(*size)) : std::nullopt;
    if (const auto fitting = in_range(value, bytes)) {
        field = static_cast<std::uint64_t>(*fitting);
    }
}

void ValueReader::read(const Value& value, CaptureMode& field) {
    if (const auto* boolean = value.as<bool>()) {
        field = *boolean ? CaptureMode::required : CaptureMode::off;
        return;
    }
    const auto* text = value.as<std::string>();
    if (text == nullptr || *text != "auto") {
        return reject(value);
    }
    field = CaptureMode::automatic;
}

void ValueReader::read(const Value& value, std::map<std::string, std::string>& field) {
    const auto* table = value.as<Table>();
    if (table == nullptr) {
        return reject(value);
    }
    for (const Member& member : *table) {
        if (key_.kind == Kind::looks) {
            read_look(member, field);
        } else if (key_.kind == Kind::users) {
            read_user(member, field);
        } else {
            read_label(member, field);
        }
    }
}

void ValueReader::read_label(const Member& member, std::map<std::string, std::string>& field) {
    const std::string label = "label " + found_text({{}, member.key});
    if (is_reserved_label(member.key)) {
        refuse(member.at, label + " has a reserved name", "choose another name, such as \"team\"");
    } else if (!is_label_name(member.key)) {
        refuse(member.at, label + " is not a valid name",
               "use letters, digits and \"_\", and no digit first, such as \"team\"");
    }
    if (const auto* text = member.value.as<std::string>()) {
        field[member.key] = *text;
    } else {
        refuse(member.value.at, label + " is " + found_text(member.value), "use a string, such as \"data\"");
    }
}

void ValueReader::read_user(const Member& member, std::map<std::string, std::string>& field) {
    const std::string user = found_text({{}, member.key});
    if (!is_user_name(member.key)) {
        refuse(member.at, "user " + user + " is not a valid name",
               "use at least one character, no colon and no control character");
    }
    const auto* hash = member.value.as<std::string>();
    const Fault fault = hash != nullptr ? bcrypt_hash_fault(*hash) : Fault("is not a string");
    if (fault) {
        refuse(member.value.at, "the value of " + user + " (not shown) " + *fault,
               "use the hash that `htpasswd -nB NAME` prints");
    } else {
        field[member.key] = *hash;
    }
}

void ValueReader::read_look(const Member& member, std::map<std::string, std::string>& field) {
    if (std::ranges::find(look_words, member.key) == look_words.end()) {
        return refuse(member.at, found_text({{}, member.key}) + " is not a known key",
                      "use one of " + listed(look_words));
    }
    const auto* text = member.value.as<std::string>();
    if (text == nullptr || !is_prose(*text)) {
        return refuse(member.value.at, toml_string(member.key) + " is " + found_text(member.value),
                      "use 1 to 2000 bytes of text without control characters");
    }
    field[member.key] = *text;
}

void ValueReader::read(const Value& value, std::vector<std::uint16_t>& field) {
    const auto* entries = value.as<Array>();
    if (entries == nullptr) {
        return reject(value);
    }
    std::set<std::int64_t> seen;
    for (const Value& entry : *entries) {
        const auto port = integer(entry);
        if (port && !seen.insert(*port).second) {
            refuse(entry.at, std::to_string(*port) + " is listed twice", "remove one");
        } else if (port) {
            field.push_back(static_cast<std::uint16_t>(*port));
        }
    }
}

void ValueReader::read(const Value& value, std::map<std::uint16_t, App>& field) {
    const auto* table = value.as<Table>();
    if (table == nullptr) {
        return refuse(value.at, found(value) + " is not a table",
                      "use ports as keys, such as { 8443 = \"http\" }");
    }
    for (const Member& member : *table) {
        if (const auto port = parse_number<std::uint16_t>(member.key); port.value_or(0) != 0) {
            read(member.value, field[*port]);
        } else {
            refuse(member.at, found_text({{}, member.key}) + " is not a port",
                   "use ports as keys, such as 8443 = \"http\"");
        }
    }
}

template <class T>
void ValueReader::read_entry(const Value& value, T& field) {
    if (const auto* table = value.as<Table>()) {
        read_table(source_, value.at, *table, field);
    } else {
        reject(value);
    }
}

void ValueReader::read(const Value& value, Tls& field) {
    if (const auto* on = value.as<bool>()) {
        field.mode = *on ? TlsMode::required : TlsMode::off;
    } else {
        field.mode = TlsMode::required;
        read_entry(value, field);
    }
}

void ValueReader::read(const Value& value, ListenerTls& field) {
    read_entry(value, field);
}

void ValueReader::read(const Value& value, ExpectStep& field) {
    read_entry(value, field);
}

void ValueReader::read(const Value& value, Remedy& field) {
    read_entry(value, field);
}

Printed print(const Key& /*key*/, bool value) {
    return value ? "true" : "false";
}
Printed print(const Key& key, const std::string& value) {
    return toml_string(
        key.secret && !value.empty() ? "(" + std::to_string(value.size()) + " bytes, not shown)" : value);
}
Printed print(const Key& /*key*/, Duration value) {
    return toml_string(format_duration(value));
}
Printed print(const Key& /*key*/, std::uint64_t value) {
    return toml_string(format_size(value));
}

Printed print(const Key& /*key*/, CaptureMode value) {
    if (value == CaptureMode::automatic) {
        return "\"auto\"";
    }
    return value == CaptureMode::required ? "true" : "false";
}

Printed print(const Key& key, const std::map<std::string, std::string>& value) {
    if (key.kind == Kind::looks) {
        return std::nullopt;
    }
    std::string result;
    for (const auto& [name, text] : value) {
        // A user's name may be anything; a label is a bare key.
        result += (result.empty() ? "" : ", ") + (key.kind == Kind::users ? toml_string(name) : name) +
                  " = " + (key.secret ? toml_string("(not shown)") : toml_string(text));
    }
    return result.empty() ? "{}" : "{ " + result + " }";
}

Printed print(const Key& /*key*/, const Tls& value) {
    return value.mode == TlsMode::off ? Printed("false") : std::nullopt;
}

Printed print(const Key& /*key*/, const ListenerTls& /*value*/) {
    return std::nullopt;
}

Printed print(const Key& /*key*/, const std::map<std::uint16_t, App>& /*value*/) {
    return std::nullopt;
}

}  // namespace whylink::config
