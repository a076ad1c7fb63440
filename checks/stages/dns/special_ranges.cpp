#include "checks/stages/dns/special_ranges.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace whylink::checks {
namespace {

using enum Fact;

constexpr SpecialRange ranges[]{
    // RFC 2544 keeps it for benchmarks. Clash, mihomo, sing-box and others take it for their fake-IP mode.
    {"198.18.0.0/15", name_fake, "an address that proxy clients give to every name (198.18.0.0/15)"},
    // Istio's ServiceEntry address allocation and DNS proxy.
    {"240.240.0.0/16", name_of_mesh,
     "an address that a service mesh gives to outside names (240.240.0.0/16, Istio)"},
    {"2001:2::/48", name_of_mesh,
     "an address that a service mesh gives to outside names (2001:2::/48, Istio)"},
    // docs.aws.amazon.com, VPC Lattice: the link-local range of its services and resources.
    {"169.254.171.0/24", name_of_lattice, "an address of AWS VPC Lattice (169.254.171.0/24)"},
    // cloud.google.com, Configure Private Google Access: restricted.googleapis.com and private.googleapis.com, then
    // the range that routes to Google's default domains may take.
    {"199.36.153.4/30", name_of_google, "Google's address for restricted.googleapis.com (199.36.153.4/30)"},
    {"199.36.153.8/30", name_of_google, "Google's address for private.googleapis.com (199.36.153.8/30)"},
    {"34.126.0.0/18", name_of_google, "an address of Google's private access (34.126.0.0/18)"},
    {"2600:2d00:2:1000::/56", name_of_google, "Google's IPv6 address for restricted.googleapis.com"},
    {"2600:2d00:2:2000::/56", name_of_google, "Google's IPv6 address for private.googleapis.com"},
    {"0.0.0.0/32", name_blocked, "the unspecified address, which DNS filter lists return"},
    {"::/128", name_blocked, "the unspecified address, which DNS filter lists return"},
};

struct Parsed {
    Cidr block;
    const SpecialRange* range;
};

const std::vector<Parsed>& parsed_ranges() {
    static const std::vector<Parsed> all = [] {
        std::vector<Parsed> parsed;
        for (const SpecialRange& range : ranges) {
            if (const auto block = Cidr::parse(range.block)) {
                parsed.push_back({*block, &range});
            }
        }
        return parsed;
    }();
    return all;
}

}  // namespace

const SpecialRange* special_range_of(const IpAddress& address) {
    const IpAddress judged = address.embedded_v4().value_or(address);
    const auto found = std::ranges::find_if(
        parsed_ranges(), [&](const Parsed& parsed) { return parsed.block.contains(judged); });
    return found == parsed_ranges().end() ? nullptr : found->range;
}

}  // namespace whylink::checks
