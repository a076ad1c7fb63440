// The rows of the table of keys, each bound to the field of the Config that it fills.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/values.hpp"

namespace whylink::config {

template <class T>
struct Field {
    Key key;
    void (*read)(Source& source, const Key& key, const Value& value, T& target);
    std::optional<std::string> (*print)(const Key& key, const T& target);
};

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

}  // namespace whylink::config
