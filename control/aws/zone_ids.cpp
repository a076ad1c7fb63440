#include "control/aws/zone_ids.hpp"

#include <algorithm>
#include <utility>

#include "control/aws/parse.hpp"

namespace whylink::control {

Listing zone_listing(const Reading& reading, const std::string& region, std::vector<Word>& into) {
    return listing(reading, "availability_zones", aws_call(Op::ec2_availability_zones, region),
                   parse_availability_zones, into);
}

void add_zone_ids(std::vector<EndpointService>& services, const std::vector<Word>& zones) {
    for (EndpointService& service : services) {
        if (service.zone_ids.complete) {
            continue;
        }
        service.zone_ids.complete = service.zones.complete;
        for (const std::string& name : service.zones.items) {
            const auto zone = std::ranges::find(zones, name, &Word::name);
            if (zone == zones.end() || zone->value.empty()) {
                service.zone_ids.complete = false;
            } else {
                service.zone_ids.items.push_back(zone->value);
            }
        }
    }
}

}  // namespace whylink::control
