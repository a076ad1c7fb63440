// The records of a hosted zone that answer for some names, in few requests whatever the size of the zone. A small zone is
// one page; of a larger one each name is looked up, because a listing can begin at a name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checks/control/names.hpp"
#include "control/page.hpp"

namespace whylink::control {

class RecordSearch {
  public:
    /// `names` are in the zone, which outlives it.
    RecordSearch(DnsZone& zone, const std::vector<std::string>& names);

    /// Takes the page that was asked for, the zone's first one at first, and says where the next one begins; empty: all is
    /// known. After each page `asked` of the zone has the names of which that holds. None: no page of such a listing.
    std::optional<std::string> take(Page<DnsRecord> page);

  private:
    /// A name, then the wildcards that would answer for it, the nearest first.
    using Candidates = std::vector<std::string>;

    void keep(std::vector<DnsRecord> records, const std::string& open);
    /// What must be asked before it is known what answers for the name; empty: nothing.
    std::string unknown_of(const Candidates& candidates) const;
    std::string next_name();
    bool is_candidate(const std::string& name) const;
    bool has_address(const std::string& name) const;

    DnsZone& zone_;
    std::vector<Candidates> names_;
    std::string asked_;           ///< where the page begins; empty: the zone's first one
    std::set<std::string> read_;  ///< names of which all records were read
};

}  // namespace whylink::control
