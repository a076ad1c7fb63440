// What the reading of accounts has come to, for the metrics and the report. Knows no Asio: HTTP shows it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "checks/control/instance.hpp"
#include "checks/control/read.hpp"

namespace whylink::daemon {

struct ControlStatus {
    /// By account, operation and result: calls that were made.
    std::map<std::tuple<std::string, std::string, control::Result>, std::uint64_t> reads;
    std::optional<control::Instance> instance;  ///< with `daemon.metadata`
};

}  // namespace whylink::daemon
