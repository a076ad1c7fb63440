#include "daemon/followups/memory.hpp"

#include <algorithm>
#include <utility>

namespace whylink::daemon {
namespace {

using checks::Fact;

/// These come and go with scheduling, load, or what the capture has caught.
constexpr checks::FactSet passing_facts{
    Fact::tcp_refused_at_once,
    Fact::certificate_expiring,
    Fact::certificate_left_open,
    Fact::syn_unseen,
    Fact::syn_maybe_never_left,
    Fact::reset_unexamined,
    Fact::reset_maybe_by_device,
    Fact::full_size_open,
    Fact::large_maybe_lost,
    Fact::way_unseen,
    Fact::translation_open,
    Fact::tracking_drops,
    Fact::name_slow,
};

}  // namespace

FailurePicture picture_of(checks::FactSet facts, std::set<IpAddress> addresses) {
    // A server that closes with unread bytes sends RST, one that closes before they arrive FIN.
    facts.insert_if(facts.contains(Fact::accepted_then_closed), Fact::accepted_then_reset);
    facts.insert_if(facts.contains(Fact::closed_after_bytes), Fact::reset_after_bytes);
    facts.erase_all({Fact::accepted_then_closed, Fact::closed_after_bytes});
    facts.erase_all(passing_facts);
    return {facts, std::move(addresses)};
}

const FollowUpMemory::Made* FollowUpMemory::find(const FailurePicture& picture) const {
    const auto found = std::ranges::find(made_, picture, &Made::picture);
    return found == made_.end() ? nullptr : &*found;
}

bool FollowUpMemory::due(const FailurePicture& picture) const {
    // This round is the one after the last that was counted.
    const auto is_recent = [](const Made& made) { return made.rounds_ago + 1 < rounds_between; };
    if (const Made* known = find(picture); known != nullptr) {
        return !is_recent(*known);
    }
    return static_cast<std::size_t>(std::ranges::count_if(made_, is_recent)) < max_pictures;
}

void FollowUpMemory::age() {
    for (Made& made : made_) {
        ++made.rounds_ago;
    }
    std::erase_if(made_, [](const Made& made) { return made.rounds_ago > rounds_standing; });
}

void FollowUpMemory::made(const FailurePicture& picture, std::vector<probes::FollowUpTest> results) {
    age();
    if (results.empty()) {
        return;
    }
    std::erase_if(made_, [&](const Made& made) { return made.picture == picture; });
    if (made_.size() == max_pictures) {
        made_.erase(std::ranges::max_element(made_, {}, &Made::rounds_ago));
    }
    made_.push_back({picture, std::move(results), 0});
}

std::vector<probes::FollowUpTest> FollowUpMemory::standing(const FailurePicture& picture) {
    age();
    const Made* known = find(picture);
    return known == nullptr ? std::vector<probes::FollowUpTest>() : known->results;
}

}  // namespace whylink::daemon
