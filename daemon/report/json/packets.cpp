#include "daemon/report/json/packets.hpp"

#include "daemon/report/json/fields.hpp"

namespace whylink::daemon {

using json::Json;

Json packets_json(const std::vector<probes::CapturedConnection>& packets) {
    Json by_address = Json::object();
    for (const probes::CapturedConnection& connection : packets) {
        by_address.emplace(connection.address.to_string(), json::fields_json(connection.facts));
    }
    return by_address;
}

}  // namespace whylink::daemon
