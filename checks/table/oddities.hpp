// What is out of the ordinary, which causes it follows from, and which it speaks against. Data only; decide.cpp
// reads it after the table, so that no row wins beside evidence that nobody asked.
#pragma once

#include <span>
#include <string_view>

#include "checks/table/facts.hpp"
#include "config/cause.hpp"

namespace whylink::checks {

/// A fact that a diagnosis must account for. Where the cause is not among `explained_by`, the fact stands in
/// `unexplained`; where it is, the alternatives that the fact contradicts are ruled out. Where it is among `contradicts`, the confidence is not high, and what explains the fact becomes
/// an alternative; or the cause, where every cause that a row found is contradicted.
struct Oddity {
    Fact fact;
    CauseSet explained_by;
    CauseSet contradicts;
    std::string_view said;  ///< one line, with the placeholders of wording.hpp
};

/// Each fact once.
std::span<const Oddity> oddities();

}  // namespace whylink::checks
