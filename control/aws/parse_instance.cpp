#include "checks/control/instance.hpp"
#include "control/aws/parse.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

std::optional<Instance> parse_instance_document(std::string_view body) {
    const auto document = parse_json(body);
    if (!document) {
        return std::nullopt;
    }
    Instance instance;
    instance.cloud = config::Cloud::aws;
    instance.id = json_text(*document, "instanceId");
    instance.account = json_text(*document, "accountId");
    instance.region = json_text(*document, "region");
    instance.zone = json_text(*document, "availabilityZone");
    return instance.region.empty() ? std::nullopt : std::optional(std::move(instance));
}

}  // namespace whylink::control
