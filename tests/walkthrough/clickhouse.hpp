// What the walk-throughs of ClickHouse Cloud's pages share: the three pages, the service, and how a row is
// made (https://clickhouse.com/docs/en/manage/security/azure-privatelink, …/aws-privatelink,
// …/gcp-private-service-connect): an instance "abcd", its private name, and 9440 and 8443 of it.
#pragma once

#include <string>
#include <vector>

#include "row.hpp"

namespace whylink::netns_test::clickhouse {

// One page: its names, and the words of its steps.
struct Page {
    std::string cloud;
    std::string zone;         // of the private names
    std::string public_zone;  // the same without the private part
    std::string endpoint_id;
    std::string organization;                 // what the PATCH of the organization adds
    std::string found_at;                     // where the identifier is found
    std::vector<std::string> dns_missing;     // the zone, its link and its record
    std::vector<std::string> outside;         // where the private name does not exist, as it should be
    std::string record;                       // where the address of a record is looked up
    std::vector<std::string> wildcard;        // the record `*`
    std::vector<std::string> pending;         // the connection's state
    std::vector<std::string> port_forbidden;  // what lets a port through

    std::string profile() const { return "clickhouse-" + cloud; }
    std::string host() const { return "abcd." + zone; }
    std::string public_host() const { return "abcd." + public_zone; }
};

extern const Page azure;
extern const Page aws;
extern const Page gcp;

inline const std::string service_id = "3c2b9f1e-7d41-4a0b-8f55-0f6f1f0c9a77";
inline const std::string address_of_endpoint = "expect = [\"{a}\"]\n";
inline const std::string impatient = "timeout = \"900ms\"\n";
// Long enough for segments to be sent again, whatever the machine does.
inline const std::string patient = "timeout = \"3s\"\n";

// ---- the service ----

/// Speaks TLS with a certificate of the lab (lab::Certificates::service), and the native protocol inside.
lab::StreamBehaviour native(const std::string& identity = "good");
Server native_at(const std::string& address);
/// The HTTPS port 8443 of {a}; `ping` is what nginx does at /ping.
Daemon https(const std::string& ping);

// ---- what is asked for ----

/// The identifiers that the page's commands need, as keys of an endpoint.
std::string identifiers(const Page& page);
/// The endpoint "t"; its host is the private name unless another is given.
std::string endpoint(const Page& page, const std::string& more, const std::string& host = {});
/// HOST:PORT
std::string target(const Page& page);
/// The line of a zone file.
std::string wildcard(const Page& page, const std::string& address = "{a}");

/// A good endpoint at {a}, asked for by `check`.
Row row(const Page& page, const std::string& name, const std::string& why, Expected expected);
/// The same by `diagnose`, which picks the profile by the name.
Row diagnosed(const Page& page, Row row);
/// The same by a [[zone]] of the config.
Row of_zone(const Page& page, Row row);
/// The same by `zone`.
Row by_zone_command(const Page& page, Row row);

/// One list of several.
template <class... Parts>
std::vector<std::string> texts(const Parts&... parts) {
    std::vector<std::string> all;
    const auto add = [&all](const std::vector<std::string>& more) {
        all.insert(all.end(), more.begin(), more.end());
    };
    (add(parts), ...);
    return all;
}

/// "Add Endpoint ID to ClickHouse Cloud organization" and "… to service(s) allow list".
std::vector<std::string> allow_list_steps(const Page& page, const std::string& id,
                                          const std::string& service);
std::vector<std::string> allow_list_steps(const Page& page);

// ---- the parts ----

std::vector<Row> healthy_rows(const Page& page);
/// "Setting up DNS"
std::vector<Row> name_rows(const Page& page);
std::vector<Row> zone_rows(const Page& page);

}  // namespace whylink::netns_test::clickhouse
