// What a Prometheus server does to a prober: asks /probe for target after target, at a steady rate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace whylink::bench {

struct ProberLoad {
    std::string host;  ///< of the prober
    int port = 0;
    std::string module;
    std::vector<std::string> targets;  ///< asked for in turn, over and over
    double rate = 0;                   ///< questions per second
    double seconds = 0;
};

struct ProberAnswers {
    std::size_t asked = 0;
    std::size_t succeeded = 0;  ///< probe_success 1
    /// From the moment at which the question was due to its answer, so that a prober which falls behind
    /// shows; ascending.
    std::vector<double> seconds;
};

/// Over connections that are kept alive. A question that finds no free connection waits for one.
ProberAnswers ask(const ProberLoad& load);

}  // namespace whylink::bench
