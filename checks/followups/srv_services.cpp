#include "checks/followups/srv_services.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace whylink::checks {
namespace {

struct SrvService {
    std::string_view name;
    std::uint16_t port = 0;
};

constexpr std::size_t max_services = 2;
constexpr std::string_view mongodb = "_mongodb._tcp";

// IANA's service names, with the port that each is known by; MongoDB's is in its connection-string specification.
constexpr SrvService services[]{
    {mongodb, 27017},           {"_ldap._tcp", 389},         {"_ldaps._tcp", 636},
    {"_kerberos._tcp", 88},     {"_amqp._tcp", 5672},        {"_amqps._tcp", 5671},
    {"_mqtt._tcp", 1883},       {"_secure-mqtt._tcp", 8883}, {"_postgresql._tcp", 5432},
    {"_mysql._tcp", 3306},      {"_redis._tcp", 6379},       {"_etcd-client._tcp", 2379},
    {"_sips._tcp", 5061},       {"_xmpp-client._tcp", 5222}, {"_imaps._tcp", 993},
    {"_submissions._tcp", 465}, {"_submission._tcp", 587},
};

}  // namespace

std::vector<std::string_view> srv_services_of(const config::Endpoint& endpoint, bool any) {
    std::vector<std::string_view> found;
    const auto own = std::ranges::find(services, endpoint.port, &SrvService::port);
    if (own != std::end(services)) {
        found.push_back(own->name);
    }
    if (any && std::ranges::find(found, mongodb) == found.end()) {
        found.push_back(mongodb);
    }
    if (found.size() > max_services) {
        found.resize(max_services);
    }
    return found;
}

}  // namespace whylink::checks
