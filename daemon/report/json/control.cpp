#include "daemon/report/json/control.hpp"

#include <string>

#include "daemon/control/where.hpp"
#include "daemon/report/json/fields.hpp"

namespace whylink::daemon {
namespace {

using json::Json;

void add_text(Json& object, const char* key, const std::string& text) {
    if (!text.empty()) {
        object[key] = valid_utf8(text);
    }
}

Json read_json(const control::Read& read) {
    Json object = {{"account", valid_utf8(read.account)},
                   {"read", valid_utf8(read.read)},
                   {"result", slug(read.result)},
                   {"read_at", rfc3339(read.read_at)},
                   {"facts", Json::object()}};
    for (const control::Word& word : read.facts) {
        object["facts"][valid_utf8(word.name)] = valid_utf8(word.value);
    }
    add_text(object, "detail", read.detail);
    return object;
}

}  // namespace

Json control_json(const std::vector<control::Read>& reads) {
    Json array = Json::array();
    for (const control::Read& read : reads) {
        array.push_back(read_json(read));
    }
    return array;
}

Json where_json(const control::Instance& instance) {
    Json object = {{"cloud", slug(instance.cloud)}, {"read_at", rfc3339(instance.origin.read_at)}};
    add_text(object, "id", instance.id);
    add_text(object, "account", instance.account);
    add_text(object, "region", instance.region);
    add_text(object, "zone", instance.zone);
    add_text(object, "zone_id", instance.zone_id);
    for (const std::string& network : networks_of(instance)) {
        object["networks"].push_back(valid_utf8(network));
    }
    add_text(object, "identity", instance.identity);
    return object;
}

}  // namespace whylink::daemon
