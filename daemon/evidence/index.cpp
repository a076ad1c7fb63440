#include "daemon/evidence/index.hpp"

#include <algorithm>
#include <utility>

#include "daemon/evidence/evidence_file.hpp"

namespace whylink::daemon {
namespace {

constexpr std::uint64_t bytes_per_file = 16U << 10U;
constexpr std::uint64_t min_files = 64;
constexpr std::uint64_t max_files_at_all = 20'000;

}  // namespace

bool EvidenceIndex::Older::operator()(const IndexedFile& a, const IndexedFile& b) const {
    if (a.sequence != b.sequence) {
        return a.sequence < b.sequence;
    }
    return a.ahead != b.ahead ? a.ahead : a.name < b.name;
}

bool EvidenceIndex::Rank::operator<(const Rank& other) const {
    return used != other.used ? used < other.used : Older()(*other.oldest, *oldest);
}

std::size_t EvidenceIndex::max_files(std::uint64_t limit) {
    return static_cast<std::size_t>(std::clamp(limit / bytes_per_file, min_files, max_files_at_all));
}

void EvidenceIndex::set_limit(std::uint64_t limit) {
    if (limit == limit_) {
        return;
    }
    limit_ = limit;
    const std::uint64_t count = max_files(limit);
    least_charge_ = limit / count + (limit % count == 0 ? 0 : 1);
    ranks_.clear();
    used_ = 0;
    for (auto& holding : targets_) {
        holding.second.used = 0;
        for (const IndexedFile& file : holding.second.files) {
            holding.second.used += charge(file.allocated);
        }
        used_ += holding.second.used;
        ranks_.insert(rank_of(holding));
    }
}

std::uint64_t EvidenceIndex::charge(std::uint64_t allocated) const {
    return std::max(allocated, least_charge_);
}

EvidenceIndex::Rank EvidenceIndex::rank_of(const Holdings::value_type& holding) {
    return {holding.second.used, &*holding.second.files.begin(), &holding.first};
}

void EvidenceIndex::add(IndexedFile file) {
    auto& holding = *targets_.try_emplace(evidence_target(file.name)).first;
    if (!holding.second.files.empty()) {
        ranks_.erase(rank_of(holding));
    }
    const std::uint64_t charged = charge(file.allocated);
    if (holding.second.files.insert(std::move(file)).second) {
        holding.second.used += charged;
        used_ += charged;
        ++files_;
    }
    ranks_.insert(rank_of(holding));
}

IndexedFile EvidenceIndex::take(Holdings::iterator holding, Files::iterator at) {
    Holding& held = holding->second;
    ranks_.erase(rank_of(*holding));
    IndexedFile file = std::move(held.files.extract(at).value());
    held.used -= charge(file.allocated);
    used_ -= charge(file.allocated);
    --files_;
    if (held.files.empty()) {
        targets_.erase(holding);
    } else {
        ranks_.insert(rank_of(*holding));
    }
    return file;
}

IndexedFile EvidenceIndex::take_oldest(Holdings::iterator holding) {
    return take(holding, holding->second.files.begin());
}

IndexedFile EvidenceIndex::take_from_largest() {
    return take_oldest(targets_.find(*ranks_.rbegin()->target));
}

void EvidenceIndex::forget(const std::string& name) {
    const auto holding = targets_.find(evidence_target(name));
    if (holding == targets_.end()) {
        return;
    }
    const auto file = std::ranges::find(holding->second.files, name, &IndexedFile::name);
    if (file != holding->second.files.end()) {
        take(holding, file);
    }
}

std::size_t EvidenceIndex::sharing(const std::string& target) const {
    return targets_.size() + (targets_.contains(target) ? 0U : 1U);
}

const std::string* EvidenceIndex::giver(const std::string& target, std::uint64_t charged) const {
    const auto own = targets_.find(target);
    auto largest = ranks_.rbegin();
    if (largest != ranks_.rend() && *largest->target == target) {
        ++largest;
    }
    const bool no_other = largest == ranks_.rend();
    if (own != targets_.end() && (no_other || own->second.used + charged >= largest->used)) {
        return &own->first;
    }
    return no_other || largest->used <= limit_ / sharing(target) ? nullptr : largest->target;
}

Room EvidenceIndex::make_room(const std::string& target, std::uint64_t allocated) {
    Room room;
    const std::uint64_t charged = charge(allocated);
    while (used_ + charged > limit_) {
        const std::string* from = giver(target, charged);
        if (from == nullptr) {
            for (IndexedFile& file : room.files) {
                add(std::move(file));
            }
            const std::size_t targets = sharing(target);
            return {.granted = false, .files = {}, .share = limit_ / targets, .targets = targets};
        }
        room.files.push_back(take_oldest(targets_.find(*from)));
    }
    room.granted = true;
    return room;
}

void EvidenceIndex::for_each(const std::function<void(const IndexedFile&)>& visit) const {
    for (const auto& [target, holding] : targets_) {
        for (const IndexedFile& file : holding.files) {
            visit(file);
        }
    }
}

}  // namespace whylink::daemon
