#include "config/profiles.hpp"

#include <algorithm>
#include <array>

namespace whylink::config {
namespace {

// Native TLS first: it is what the service's own connection test uses; HTTPS and the MySQL interface besides.
constexpr std::array<std::uint16_t, 4> clickhouse_ports{9440, 8443, 443, 3306};
// HTTP and SFTP: the service offers no HTTPS and no SSH over a private link.
constexpr std::array<std::uint16_t, 2> adobe_ports{80, 2222};
constexpr std::span<const std::uint16_t> no_ports{};

constexpr std::array<Profile, 10> rows{{
    {"aws", "an AWS PrivateLink interface endpoint", Provider::aws, no_ports, true, App::none, false},
    {"azure", "an Azure private endpoint", Provider::azure, no_ports, true, App::none, false},
    {"gcp", "a Google Cloud Private Service Connect endpoint", Provider::gcp, no_ports, true, App::none,
     false},
    {"clickhouse-aws", "ClickHouse Cloud over AWS PrivateLink", Provider::aws, clickhouse_ports, true,
     App::clickhouse, true},
    {"clickhouse-azure", "ClickHouse Cloud over Azure Private Link", Provider::azure, clickhouse_ports, true,
     App::clickhouse, true},
    {"clickhouse-gcp", "ClickHouse Cloud over Google Cloud Private Service Connect", Provider::gcp,
     clickhouse_ports, true, App::clickhouse, true},
    {"emqx-aws", "a service that EMQX reaches over AWS PrivateLink", Provider::aws, no_ports, false,
     App::none, false},
    {"emqx-azure", "a service that EMQX reaches over Azure Private Link", Provider::azure, no_ports, false,
     App::none, false},
    {"adobe-commerce-aws", "Adobe Commerce over AWS PrivateLink", Provider::aws, adobe_ports, false,
     App::http, false},
    {"adobe-commerce-azure", "Adobe Commerce over Azure Private Link", Provider::azure, adobe_ports, false,
     App::http, false},
}};

}  // namespace

std::span<const Profile> profiles() {
    return rows;
}

const Profile* find_profile(std::string_view name) {
    const auto* const row = std::ranges::find(rows, name, &Profile::name);
    return row == rows.end() ? nullptr : row;
}

}  // namespace whylink::config
