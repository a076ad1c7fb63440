// A record of the log with a level and a message.
#pragma once

#include <string>
#include <utility>

#include "daemon/log/log.hpp"

namespace whylink::test {

inline daemon::Record record_of(config::LogLevel level, std::string message) {
    daemon::Record made;
    made.level = level;
    made.event = "change";
    made.message = std::move(message);
    return made;
}

}  // namespace whylink::test
