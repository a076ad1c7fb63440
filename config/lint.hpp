// What of a valid configuration cannot work, or does harm, and can be told without a packet.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "config/load.hpp"

namespace whylink::config {

/// Where a target was read, for the places of its values.
struct TablePlace {
    std::string file;
    Position at;  ///< of the table
    const Table* table = nullptr;
};

/// One warning for each row of the table of lints that fits, at the value that it is about. `endpoints` and
/// `zones` say where those of the config stand, in the same order. Targets that are switched off are looked
/// at as well.
std::vector<Error> lint(const Config& config, std::span<const TablePlace> endpoints,
                        std::span<const TablePlace> zones);

}  // namespace whylink::config
