// What the keys of one table mean together: defaults that depend on other keys, and contradictions.
#pragma once

#include "config/values.hpp"

namespace whylink::config {

/// Reads a table on top of `defaults` and the profile that it names.
Endpoint read_endpoint(Source& source, Position at, const Table& table, const Common& defaults);
Zone read_zone(Source& source, Position at, const Table& table, const Common& defaults);
Watch read_watch(Source& source, Position at, const Table& table, const Common& defaults);
Account read_account(Source& source, Position at, const Table& table);
/// [defaults]
void read_defaults(Source& source, Position at, const Table& table, Common& defaults);

}  // namespace whylink::config
