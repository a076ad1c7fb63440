// The daemon's state made by hand.
#pragma once

#include <utility>

#include "daemon/watch/snapshot.hpp"
#include "fabricated.hpp"

namespace whylink::fabricated {

/// As after its first round, which was at noon and took 120 ms.
daemon::TargetStatus watched(daemon::ReportEntry made);
template <class Made>
daemon::TargetStatus watched(Made made) {
    return watched(entry(std::move(made)));
}
/// Without a round yet.
daemon::TargetStatus unwatched(std::string name);

daemon::Snapshot snapshot(std::vector<daemon::TargetStatus> targets = {});

/// Has something of everything that a metrics page can show, with labels and names that need an escape.
daemon::Snapshot full_snapshot();

/// `count` endpoints with one TCP probe each.
daemon::Snapshot large_snapshot(std::size_t count);

}  // namespace whylink::fabricated
