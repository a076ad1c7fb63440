// What is asked of each stage of a check. A stage is a slice: its overloads of the five functions at the end
// of this file stand together in NAME.{hpp,cpp} here, or in the folder NAME/. These choose among them by the
// kind of facts and have no default, so that a stage that lacks one of the answers does not compile.
//
// To add a stage: its facts, and their place in `Facts` and `Stage` (probes/observation.hpp); its slice; its
// header among the includes of stage.cpp. CONTRIBUTING.md lists what else a new kind of probe needs.
#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "checks/judge.hpp"
#include "checks/stages/expectation.hpp"
#include "checks/table/facts.hpp"
#include "checks/table/outcome.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// What there is to say beside an outcome, with numbers. The text is made when it is asked for; what was
/// classified, and its expectation, must be there still.
class Detail {
  public:
    Detail() = default;
    template <class Text>
    requires std::is_invocable_r_v<std::string, Text> Detail(Text text) : text_(std::move(text)) {}

    std::string text() const { return text_ ? text_() : std::string(); }

  private:
    std::function<std::string()> text_;
};

struct Classification : Judgement {
    Detail detail;  ///< none when there is nothing to say beside `ok`
};

/// One observation and what was expected of it → what it saw, in one word. A slice's is
/// classify(facts, took, expectation); both references must outlive the detail.
Classification classify(const probes::Observation& observation, const Expectation& expectation);

/// How the stream that this observation is about ended, ECONNRESET out of connect() included: the `end` of a
/// report. A slice's is stream_end(facts).
probes::StreamEnd stream_end(const probes::Observation& observation);

/// A rule of this host forbade the probe: EPERM or EACCES, or an ICMP prohibition that this host's kernel made. A
/// slice's is forbidden_here(facts).
bool forbidden_here(const probes::Observation& observation);

/// What holds by this probe alone; of an address it is the last one. `handshake` is the TLS that it is inside,
/// null when there was none. What an outcome means at whatever stage is in addresses.cpp. A slice's is
/// facts_of(facts, probe, handshake); it is not asked of what could not be made.
FactSet facts_of(const JudgedProbe& probe, const probes::TlsFacts* handshake = nullptr);

/// What was seen, in a line with numbers; `detail` is the probe's. A slice's is evidence_line(facts, probe,
/// detail).
std::string evidence_line(const JudgedProbe& probe, const std::string& detail);

}  // namespace whylink::checks
