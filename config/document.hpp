// TOML text as a tree of values, each with its place in the file. Keeps the TOML library out of every other
// file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace whylink::config {

/// Both from 1.
struct Position {
    unsigned line = 1;
    unsigned column = 1;
    auto operator<=>(const Position&) const = default;
};

struct Member;
struct Value;
using Array = std::vector<Value>;
using Table = std::vector<Member>;
/// A date or a time, which no key takes.
struct Moment {};

struct Value {
    Position at;
    std::variant<bool, std::int64_t, double, std::string, Moment, Array, Table> data;

    /// Null when it is of another type.
    template <class T>
    const T* as() const {
        return std::get_if<T>(&data);
    }
};

struct Member {
    std::string key;
    Position at;  ///< of the key
    Value value;
};

struct SyntaxError {
    Position at;
    std::string what;
};

/// The members of every table stand in the order of the file. Never throws for what a text can hold; more
/// than 16 tables or arrays within each other are a syntax error.
std::variant<Table, SyntaxError> parse_document(std::string_view text);

/// Null when there is none.
const Member* find(const Table& table, std::string_view key);

/// The value of the key; null when there is none, and when it is of another type.
template <class T>
const T* find_value(const Table& table, std::string_view key) {
    const Member* member = find(table, key);
    return member != nullptr ? member->value.as<T>() : nullptr;
}

/// The value in a few words for people: `"text"`, `12`, `an array`; without user and password where it is a URL.
std::string found_text(const Value& value);

/// `text` as a TOML basic string, quotes included.
std::string toml_string(std::string_view text);

}  // namespace whylink::config
