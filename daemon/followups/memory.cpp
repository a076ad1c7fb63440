#include "daemon/followups/memory.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace whylink::daemon {
namespace {

using checks::Fact;

/// These come and go with scheduling, load, or what the capture has caught.
constexpr std::array passing_facts{
    Fact::tcp_refused_at_once,  Fact::certificate_expiring, Fact::certificate_left_open, Fact::syn_unseen,
    Fact::syn_maybe_never_left, Fact::reset_unexamined,     Fact::reset_maybe_by_device, Fact::full_size_open,
    Fact::large_maybe_lost,
};

}  // namespace

FailurePicture picture_of(const checks::FactSet& facts, std::vector<IpAddress> addresses) {
    FailurePicture picture{facts, std::move(addresses)};
    for (const Fact fact : passing_facts) {
        picture.facts.erase(fact);
    }
    // A server that closes with unread bytes sends RST, one that closes before they arrive FIN.
    picture.facts.insert_if(facts.contains(Fact::accepted_then_closed), Fact::accepted_then_reset);
    picture.facts.erase(Fact::accepted_then_closed);
    picture.facts.insert_if(facts.contains(Fact::closed_after_bytes), Fact::reset_after_bytes);
    picture.facts.erase(Fact::closed_after_bytes);
    std::ranges::sort(picture.addresses);
    // Of std::ranges::unique() clang 14 cannot read what it returns.
    picture.addresses.erase(std::unique(picture.addresses.begin(), picture.addresses.end()),
                            picture.addresses.end());
    return picture;
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
