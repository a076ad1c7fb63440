// Reads one value of the tree into one field of the Config or Profile, and prints it back; by the type of the field and
// the kind of its key.
#pragma once

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/dns_name.hpp"
#include "config/document.hpp"
#include "config/files.hpp"
#include "config/profiles.hpp"
#include "config/schema.hpp"

namespace whylink::config {

/// A mistake in a file that is being read.
struct Problem {
    Position at;
    std::string message;
};

/// What reading the values of one file needs besides the values.
struct Source {
    std::filesystem::path directory;  ///< which relative paths are relative to
    const Files& files;
    std::vector<Problem>& problems;
    /// Named in messages before a key; false for the command line, whose options have names of their own.
    bool sections = true;
    /// The user's profiles, which `profile` may name as it may the built-in ones.
    std::span<const OwnProfile> own_profiles = {};
    /// The same for endpoints that outlive the loading; null: none.
    std::shared_ptr<const std::vector<OwnProfile>> kept_profiles = nullptr;
};

/// Of the user's profiles; null for an unknown name.
const OwnProfile* find_own(std::span<const OwnProfile> all, std::string_view name);

/// What has one spelling of its own: an address, a block, a resolver.
template <class T>
concept Spelled = requires(const T& value, std::string_view text) {
    value.to_string();
    T::parse(text);
};

/// What is a table in an array.
template <class T>
concept TableEntry = std::same_as<T, ExpectStep> || std::same_as<T, Remedy>;

/// Reads values of one key. Every read_ takes a value of the wrong type or out of range as a problem and
/// leaves the field alone.
class ValueReader {
  public:
    ValueReader(Source& source, const Key& key) : source_(source), key_(key) {}

    void read(const Value& value, bool& field);
    void read(const Value& value, std::string& field);
    /// A size.
    void read(const Value& value, std::uint64_t& field);
    void read(const Value& value, CaptureMode& field);
    void read(const Value& value, std::map<std::string, std::string>& field);
    void read(const Value& value, Tls& field);
    void read(const Value& value, ListenerTls& field);
    void read(const Value& value, ExpectStep& field);
    /// Each at most once.
    void read(const Value& value, std::vector<std::uint16_t>& field);
    void read(const Value& value, std::map<std::uint16_t, App>& field);
    void read(const Value& value, Remedy& field);

    template <class Rep, class Period>
    void read(const Value& value, std::chrono::duration<Rep, Period>& field) {
        if (const auto count = milliseconds(value)) {
            field = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(Duration(*count));
        }
    }

    template <Spelled T>
    void read(const Value& value, T& field) {
        std::string text;
        read(value, text);
        if (const auto parsed = T::parse(text)) {
            field = *parsed;
        }
    }

    template <std::unsigned_integral T>
    void read(const Value& value, T& field) {
        if (const auto number = integer(value)) {
            field = static_cast<T>(*number);
        }
    }

    template <Vocabulary E>
    void read(const Value& value, E& field) {
        const auto* text = value.as<std::string>();
        const auto found = text != nullptr ? from_slug<E>(*text) : std::nullopt;
        if (found && std::ranges::find(key_.choices, *text) != key_.choices.end()) {
            field = *found;
        } else {
            reject(value);
        }
    }

    template <class T>
    void read(const Value& value, std::optional<T>& field) {
        const std::size_t before = source_.problems.size();
        T inner{};
        read(value, inner);
        if (source_.problems.size() == before) {
            field = inner;
        }
    }

    template <class T>
    void read(const Value& value, std::vector<T>& field) {
        const auto* entries = value.as<Array>();
        if (entries == nullptr) {
            return key_.list ? reject_list(value) : reject(value);
        }
        field.clear();
        for (const Value& entry : *entries) {
            const std::size_t before = source_.problems.size();
            T element{};
            read(entry, element);
            if (key_.list || source_.problems.size() == before) {
                field.push_back(std::move(element));
            }
        }
    }

  private:
    /// As found_text(), but of a secret no more than what it is.
    std::string found(const Value& value) const;
    /// "KEY: VALUE is not valid: DETAIL; use …"
    void reject(const Value& value, std::string_view detail = {});
    void reject_list(const Value& value);
    /// "KEY: WHAT; ADVICE"
    void refuse(Position at, const std::string& what, const std::string& advice);
    /// The word that was meant, or what the key takes.
    std::string advice(const Value& value) const;
    std::optional<std::int64_t> in_range(const Value& value, std::optional<std::int64_t> number);
    std::optional<std::int64_t> integer(const Value& value);
    std::optional<std::int64_t> milliseconds(const Value& value);
    void read_file(const Value& value, const std::string& text, std::string& field);
    void read_secret_file(const Value& value, const std::string& text, std::string& field);
    void read_label(const Member& member, std::map<std::string, std::string>& field);
    void read_user(const Member& member, std::map<std::string, std::string>& field);
    void read_look(const Member& member, std::map<std::string, std::string>& field);
    template <class T>
    void read_entry(const Value& value, T& field);

    Source& source_;
    const Key& key_;
};

/// A value as TOML; nothing for what is not set.
using Printed = std::optional<std::string>;
Printed print(const Key& key, bool value);
Printed print(const Key& key, const std::string& value);
Printed print(const Key& key, Duration value);
Printed print(const Key& key, std::uint64_t value);
Printed print(const Key& key, CaptureMode value);
Printed print(const Key& key, const std::map<std::string, std::string>& value);
/// `false`; nothing when there is a table to print.
Printed print(const Key& key, const Tls& value);
/// Nothing: it is printed as a table.
Printed print(const Key& key, const ListenerTls& value);
/// Nothing: it is printed as a table.
Printed print(const Key& key, const std::map<std::uint16_t, App>& value);

/// An integer below its minimum is one that is not set.
template <std::unsigned_integral T>
Printed print(const Key& key, T value) {
    if (static_cast<std::int64_t>(value) < key.min) {
        return std::nullopt;
    }
    return std::to_string(value);
}

template <Spelled T>
Printed print(const Key& /*key*/, const T& value) {
    return toml_string(value.to_string());
}

template <Vocabulary E>
Printed print(const Key& /*key*/, E value) {
    return toml_string(slug(value));
}

template <class T>
Printed print(const Key& key, const std::optional<T>& value) {
    return value ? print(key, *value) : std::nullopt;
}

/// Nothing: they are printed as tables.
template <TableEntry T>
Printed print(const Key& /*key*/, const std::vector<T>& /*values*/) {
    return std::nullopt;
}

template <class T>
Printed print(const Key& key, const std::vector<T>& values) {
    // Long texts are easier to read with one on each line.
    const bool in_lines = key.kind == Kind::prose_list || key.kind == Kind::host_patterns;
    std::string result;
    for (const T& value : values) {
        result += in_lines ? "\n  " : result.empty() ? "" : " ";
        result += print(key, value).value_or("") + ",";
    }
    if (in_lines && !values.empty()) {
        return "[" + result + "\n]";
    }
    result.resize(result.empty() ? 0 : result.size() - 1);
    return "[" + result + "]";
}

/// The name of a label as Prometheus' data model has it, and none of its own ("__…") and of whylink's.
bool is_label_name(std::string_view text);

/// What is wrong with a text of the kind; empty: what describe() says is all there is to say.
Fault text_fault(Kind kind, std::string_view text);

}  // namespace whylink::config
