#include "control/aws/record_search.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "control/aws/parse.hpp"

namespace whylink::control {

namespace {

std::vector<std::string> candidates_of(std::string name, const std::string& zone) {
    std::vector<std::string> candidates{name};
    while (name != zone && !name.empty()) {
        name.erase(0, std::min(name.find('.'), name.size() - 1) + 1);
        candidates.push_back("*." + name);
    }
    return candidates;
}

}  // namespace

RecordSearch::RecordSearch(DnsZone& zone, const std::vector<std::string>& names) : zone_(zone) {
    for (const std::string& name : names) {
        names_.push_back(candidates_of(name, zone.name));
    }
}

std::optional<std::string> RecordSearch::take(Page<DnsRecord> page) {
    const bool is_last = page.next.empty();
    if (page.items.empty() && !is_last) {
        return std::nullopt;
    }
    // A zone is sorted by name: only records of the one that the next page begins with are not all here.
    const std::string open = name_of_record(page.next.substr(0, page.next.find(' ')));
    keep(std::move(page.items), open);
    if (asked_.empty() && is_last) {
        for (const Candidates& candidates : names_) {
            read_.insert(candidates.begin(), candidates.end());
        }
    }
    if (!asked_.empty() && open != asked_) {
        read_.insert(asked_);
    }
    const bool goes_on = !asked_.empty() && open == asked_;
    std::string next = goes_on ? std::move(page.next) : next_name();
    zone_.records.complete = true;
    return next;
}

/// `open`: the name whose records may be incomplete.
void RecordSearch::keep(std::vector<DnsRecord> records, const std::string& open) {
    std::set<std::string> seen;
    for (DnsRecord& record : records) {
        const bool goes_on = record.name == open && record.name != asked_;
        if (!goes_on && is_candidate(record.name) && !read_.contains(record.name)) {
            seen.insert(record.name);
            zone_.records.items.push_back(std::move(record));
        }
    }
    seen.erase(open);
    read_.merge(seen);
}

std::string RecordSearch::unknown_of(const Candidates& candidates) const {
    for (const std::string& candidate : candidates) {
        if (!read_.contains(candidate)) {
            return candidate;
        }
        if (has_address(candidate)) {
            break;
        }
    }
    return {};
}

/// Sets `asked` of the zone too.
std::string RecordSearch::next_name() {
    asked_.clear();
    std::set<std::string> known;
    for (const Candidates& candidates : names_) {
        std::string unknown = unknown_of(candidates);
        if (unknown.empty()) {
            std::ranges::copy_if(candidates, std::inserter(known, known.end()),
                                 [&](const std::string& name) { return read_.contains(name); });
        } else if (asked_.empty()) {
            asked_ = std::move(unknown);
        }
    }
    zone_.asked.assign(known.begin(), known.end());
    return asked_;
}

bool RecordSearch::is_candidate(const std::string& name) const {
    return std::ranges::any_of(names_, [&](const Candidates& candidates) {
        return std::ranges::find(candidates, name) != candidates.end();
    });
}

bool RecordSearch::has_address(const std::string& name) const {
    return std::ranges::any_of(zone_.records.items, [&](const DnsRecord& record) {
        return record.name == name && (record.type == "A" || record.type == "AAAA" || record.type == "CNAME");
    });
}

}  // namespace whylink::control
