#include "config/cloud_names.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "config/dns_name.hpp"
#include "config/host_pattern.hpp"

namespace whylink::config {
namespace {

struct CloudDomain {
    std::string_view domain;
    Provider provider;
};

// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html,
// https://learn.microsoft.com/en-us/azure/private-link/private-endpoint-dns (public DNS zone forwarders),
// https://cloud.google.com/vpc/docs/about-accessing-google-apis-endpoints,
// https://cloud.google.com/sql/docs/mysql/configure-private-service-connect
constexpr CloudDomain cloud_domains[]{
    {"amazonaws.com", Provider::aws},
    {"amazonaws.com.cn", Provider::aws},
    {"api.aws", Provider::aws},
    {"on.aws", Provider::aws},
    {"windows.net", Provider::azure},
    {"azure.com", Provider::azure},
    {"azure.net", Provider::azure},
    {"azure.us", Provider::azure},
    {"azure.cn", Provider::azure},
    {"usgovcloudapi.net", Provider::azure},
    {"chinacloudapi.cn", Provider::azure},
    {"azurecr.io", Provider::azure},
    {"azurewebsites.net", Provider::azure},
    {"azuredatabricks.net", Provider::azure},
    {"azurehdinsight.net", Provider::azure},
    {"azconfig.io", Provider::azure},
    {"azmk8s.io", Provider::azure},
    {"azuresynapse.net", Provider::azure},
    {"azure-api.net", Provider::azure},
    {"azure-automation.net", Provider::azure},
    {"azure-devices.net", Provider::azure},
    {"service.signalr.net", Provider::azure},
    {"googleapis.com", Provider::gcp},
    {"sql.goog", Provider::gcp},
};

bool lies_in(std::string_view name, std::string_view domain) {
    return name.size() > domain.size() && name.ends_with(domain) &&
           name[name.size() - domain.size() - 1] == '.';
}

const Profile* profile_for_public_host(std::string_view host) {
    const auto found = std::ranges::find_if(
        profiles(), [host](const Profile& profile) { return is_public_host(profile, host); });
    return found == profiles().end() ? nullptr : &*found;
}

}  // namespace

Provider provider_of_name(std::string_view host) {
    const Profile* fitting = profile_for_host(host);
    if (const Profile* profile = fitting == nullptr ? profile_for_public_host(host) : fitting) {
        return profile->provider;
    }
    const std::string name = canonical_name(host);
    const auto* domain = std::ranges::find_if(
        cloud_domains, [&name](const CloudDomain& known) { return lies_in(name, known.domain); });
    return domain == std::end(cloud_domains) ? Provider::generic : domain->provider;
}

}  // namespace whylink::config
