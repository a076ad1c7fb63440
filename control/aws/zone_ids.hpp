// Availability zones of a region: their names differ by account, and their IDs do not.
#pragma once

#include <vector>

#include "control/aws/listing.hpp"

namespace whylink::control {

/// The names of this account with their IDs.
Listing zone_listing(const Reading& reading, const std::string& region, std::vector<Word>& into);

/// Sets `zone_ids` of services for which the API named the zones alone; incomplete where a name is not known.
void add_zone_ids(std::vector<EndpointService>& services, const std::vector<Word>& zones);

}  // namespace whylink::control
