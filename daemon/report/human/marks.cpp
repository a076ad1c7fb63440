#include "daemon/report/human/marks.hpp"

#include <array>
#include <string_view>

namespace whylink::daemon {
namespace {

struct Look {
    Ink ink;
    std::string_view mark;
    std::string_view ascii;
};

/// By mark.
constexpr std::array<Look, 5> looks{{{Ink::bad, "✗", "[XX]"},
                                     {Ink::warning, "?", "[??]"},
                                     {Ink::warning, "!", "[!!]"},
                                     {Ink::good, "✓", "[ok]"},
                                     {Ink::dim, "-", "[--]"}}};

const Look& look_of(Mark mark) {
    return looks.at(static_cast<std::size_t>(mark));
}

}  // namespace

Mark mark_of(const checks::Verdict& verdict) {
    if (!verdict.healthy) {
        return verdict.decision.cause == Cause::local_limit ? Mark::unknown : Mark::bad;
    }
    const bool plain =
        verdict.decision.severity == checks::Severity::ok && verdict.decision.cause == Cause::healthy;
    return plain ? Mark::good : Mark::warning;
}

Mark mark_of(const checks::JudgedProbe& probe) {
    if (probe.observation.local) {
        return Mark::unknown;
    }
    if (!probe.counts) {
        return Mark::aside;
    }
    if (!checks::passes(probe.outcome)) {
        return Mark::bad;
    }
    return probe.outcome == checks::Outcome::ok ? Mark::good : Mark::warning;
}

Ink ink_of(Mark mark) {
    return look_of(mark).ink;
}

Painted painted(const Canvas& canvas, Mark mark) {
    const Look& look = look_of(mark);
    return canvas.utf8() ? canvas.cell(look.mark, 2, look.ink) : canvas.cell(look.ascii, 5, look.ink);
}

}  // namespace whylink::daemon
