// The table of keys, each row bound to the field of the Config or Profile that it fills. The rows of a config are
// in keys.cpp, those of a profile in profile_keys.cpp.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "config/messages.hpp"
#include "config/values.hpp"

namespace whylink::config {

template <class T>
struct Field {
    Key key;
    void (*read)(Source& source, const Key& key, const Value& value, T& target);
    Printed (*print)(const Key& key, const T& target);
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

template <class T, class V>
T owner(V T::*member);

/// Of a member that no base class has.
template <auto Member>
auto field(Key key) {
    return field<decltype(owner(Member)), Member>(std::move(key));
}

template <class T>
using Fields = std::vector<Field<T>>;

/// In the order in which they are shown.
template <class T>
const Fields<T>& fields();

template <>
const Fields<Daemon>& fields();
template <>
const Fields<ListenerTls>& fields();
template <>
const Fields<OnDemand>& fields();
template <>
const Fields<Common>& fields();
template <>
const Fields<Capture>& fields();
template <>
const Fields<History>& fields();
template <>
const Fields<Endpoint>& fields();
template <>
const Fields<Tls>& fields();
template <>
const Fields<ExpectStep>& fields();
template <>
const Fields<Zone>& fields();
template <>
const Fields<Watch>& fields();
template <>
const Fields<Account>& fields();
template <>
const Fields<Profile>& fields();
template <>
const Fields<Remedy>& fields();

/// For fields(): the rows of a section, part after part.
template <class T>
Fields<T> in_section(Section section, std::initializer_list<Fields<T>> parts) {
    Fields<T> rows;
    for (const Fields<T>& part : parts) {
        std::ranges::copy(part, std::back_inserter(rows));
    }
    for (Field<T>& row : rows) {
        row.key.section = section;
    }
    return rows;
}

/// `KEY = VALUE` for every key with a value that is `wanted`.
template <class T, class Wanted>
std::string lines(const T& table, Wanted wanted) {
    std::string result;
    for (const Field<T>& row : fields<T>()) {
        const Printed value = row.print(row.key, table);
        if (value && wanted(row, *value)) {
            result += std::string(row.key.name) + " = " + *value + "\n";
        }
    }
    return result;
}

/// Reads every member of a table; unknown and missing keys are problems.
template <class T>
void read_table(Source& source, Position at, const Table& table, T& target) {
    const Fields<T>& rows = fields<T>();
    const Section section = rows.front().key.section;
    for (const Member& member : table) {
        const auto row = std::ranges::find(rows, member.key, [](const Field<T>& f) { return f.key.name; });
        if (row == rows.end()) {
            source.problems.push_back({member.at, unknown_key_message(member.key, section, source)});
        } else {
            row->read(source, row->key, member.value, target);
        }
    }
    for (const Field<T>& row : rows) {
        if (row.key.required && find(table, row.key.name) == nullptr) {
            source.problems.push_back({at, missing_key_message(row.key, source)});
        }
    }
}

}  // namespace whylink::config
