// What whylink said of a confounder with and without follow-up tests, and the page that shows it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "confounder.hpp"
#include "support/process.hpp"

namespace whylink::confounders {

struct Said {
    std::string cause;
    std::string confidence;
    std::vector<std::string> alternatives;
    std::vector<std::string> experiments;  ///< each with what it showed
    std::string fault = {};                ///< not empty: there is no report, for this
};

/// Of `whylink check --format json`.
Said read_report(const lab::Completed& done);

struct Compared {
    const Confounder* confounder = nullptr;
    Said without;  ///< follow-up tests = false
    Said with;
};

/// docs/reference/confounders.md.
std::string page(std::span<const Compared> matrix);

}  // namespace whylink::confounders
