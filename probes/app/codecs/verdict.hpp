// What a codec has come to; the codec's report() hands it on.
#pragma once

#include <optional>
#include <string>

#include "probes/observation.hpp"

namespace whylink::probes {

/// The fields of AppFacts that a codec answers for, under the same names.
struct Verdict {
    AppReply reply = AppReply::none;
    std::string said;
    std::optional<int> status;
    std::string server;

    void report(AppFacts& facts) const {
        facts.reply = reply;
        facts.said = said;
        facts.status = status;
        facts.server = server;
    }
};

}  // namespace whylink::probes
