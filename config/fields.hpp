// The table of keys, each row bound to the field of the Config or Profile that it fills. The rows of a config are
// in fields.cpp, those of a profile in profile_fields.cpp.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/values.hpp"

namespace whylink::config {

template <class T>
struct Field {
    Key key;
    void (*read)(Source& source, const Key& key, const Value& value, T& target);
    std::optional<std::string> (*print)(const Key& key, const T& target);
    void (*copy)(const T& from, T& target);
};

/// What a table is when nothing is set in it.
template <class T>
const T& untouched() {
    static const T table;
    return table;
}

template <class T, auto Member>
Field<T> field(Key key) {
    if (key.fallback.empty() && !key.required) {
        key.fallback = print(key, untouched<T>().*Member).value_or("");
    }
    return {std::move(key),
            [](Source& source, const Key& k, const Value& value, T& target) {
                ValueReader(source, k).read(value, target.*Member);
            },
            [](const Key& k, const T& target) { return print(k, target.*Member); },
            [](const T& from, T& target) { target.*Member = from.*Member; }};
}

/// In the order in which they are shown.
template <class T>
const std::vector<Field<T>>& fields();

template <>
const std::vector<Field<Daemon>>& fields<Daemon>();
template <>
const std::vector<Field<Common>>& fields<Common>();
template <>
const std::vector<Field<Capture>>& fields<Capture>();
template <>
const std::vector<Field<Endpoint>>& fields<Endpoint>();
template <>
const std::vector<Field<Tls>>& fields<Tls>();
template <>
const std::vector<Field<ExpectStep>>& fields<ExpectStep>();
template <>
const std::vector<Field<Zone>>& fields<Zone>();
template <>
const std::vector<Field<Watch>>& fields<Watch>();
template <>
const std::vector<Field<Profile>>& fields<Profile>();
template <>
const std::vector<Field<Remedy>>& fields<Remedy>();

/// Reads every member of a table; unknown and missing keys are problems.
template <class T>
void read_table(Source& source, Position at, const Table& table, T& target);

extern template void read_table(Source&, Position, const Table&, Daemon&);
extern template void read_table(Source&, Position, const Table&, Common&);
extern template void read_table(Source&, Position, const Table&, Capture&);
extern template void read_table(Source&, Position, const Table&, Endpoint&);
extern template void read_table(Source&, Position, const Table&, Tls&);
extern template void read_table(Source&, Position, const Table&, ExpectStep&);
extern template void read_table(Source&, Position, const Table&, Zone&);
extern template void read_table(Source&, Position, const Table&, Watch&);
extern template void read_table(Source&, Position, const Table&, Profile&);
extern template void read_table(Source&, Position, const Table&, Remedy&);

}  // namespace whylink::config
