// Wildcard zones.
#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

const std::string wildcard = "*.z.corp.test A {a}\n";
const std::string expect_a = "expect = [\"{a}\"]\n";

Row one(const std::string& name, const std::string& why, const std::string& zone_text,
        const std::string& more, Expected expected) {
    return {.name = name,
            .why = why,
            .resolvers = {{"{dns}", zone_text}},
            .config = zone(more),
            .expected = std::move(expected)};
}

Row two(const std::string& name, const std::string& why, const std::string& first, const std::string& second,
        const std::string& more, Expected expected) {
    return {.name = name,
            .why = why,
            .resolvers = {{"{dns}", first}, {"{dns2}", second}},
            .config = zone(more + "resolvers = [\"{dns}\", \"{dns2}\"]\n"),
            .expected = std::move(expected)};
}

std::vector<Row> healthy_zones() {
    return {
        one("zone_wildcard", "nothing is wrong", wildcard, expect_a, {.probes = {{"dns", "{dns}:53", "ok"}}}),
        one("zone_wildcard_ipv6", "an IPv6 address only", "*.z.corp.test AAAA {a6}", "expect = [\"{a6}\"]\n",
            {}),
        one("zone_wildcard_alias", "the wildcard is an alias",
            "*.z.corp.test CNAME ep.corp.test\nep.corp.test A {a}", expect_a, {}),
        one("zone_others_refused", "names outside the zone are REFUSED, which counts for nothing",
            wildcard + "OTHERS FAULT refused", expect_a, {}),
        one("zone_others_silent", "names outside the zone get no reply, which counts for nothing",
            wildcard + "OTHERS FAULT silent", impatient + expect_a, {}),
    };
}

std::vector<Row> broken_zones() {
    return {
        one("zone_wildcard_missing", "the known label is there, the wildcard is not", "db.z.corp.test A {a}",
            expect_a,
            {.cause = "wildcard_missing",
             .probes = {{"dns", "db.z.corp.test", "ok"}, {"dns", "{dns}:53", "nxdomain"}}}),
        one("zone_nothing_there", "no name of the zone exists", "other.test A {a}", expect_a,
            {.cause = "private_dns_missing", .probes = {{"dns", "db.z.corp.test", "nxdomain"}}}),
        one("zone_overridden", "the known label has a record of its own, with another address",
            wildcard + "db.z.corp.test A {b}", expect_a,
            {.cause = "wildcard_overridden",
             .severity = {},
             .probes = {{"dns", "db.z.corp.test", "unexpected_address"}},
             .evidence = {"{b}"}}),
        one("zone_overridden_unexpected",
            "the same without `expect`: the known label differs from the random ones",
            wildcard + "db.z.corp.test A {b}", "",
            {.cause = "wildcard_overridden", .severity = "warning", .healthy = true}),
        one("zone_empty_non_terminal", "a name below the known label makes it exist without an address",
            wildcard + "_x.db.z.corp.test TXT x", expect_a,
            {.cause = "wildcard_overridden", .probes = {{"dns", "db.z.corp.test", "nodata"}}}),
        one("zone_other_type", "the known label has a TXT record, so that the wildcard does not apply",
            wildcard + "db.z.corp.test TXT x", expect_a,
            {.cause = "wildcard_overridden", .probes = {{"dns", "db.z.corp.test", "nodata"}}}),
        one("zone_stale", "the wildcard has another private address", "*.z.corp.test A {b}", expect_a,
            {.cause = "wrong_dns_record", .probes = {{"dns", "db.z.corp.test", "unexpected_address"}}}),
        one("zone_public", "the wildcard has a public address", "*.z.corp.test A {public}", "",
            {.cause = "private_dns_bypassed", .probes = {{"dns", "db.z.corp.test", "public_address"}}}),
        one("zone_rewritten", "the resolver answers every name there is", "* A {a}", expect_a,
            {.cause = "resolver_rewrites", .severity = "warning"}),
        one("zone_rewritten_elsewhere", "names that do not exist get an address of the resolver's own",
            "db.z.corp.test A {a}\n*.corp.test A {c}\n* A {c}", expect_a, {.cause = "resolver_rewrites"}),
    };
}

std::vector<Row> resolvers_of_zones() {
    return {
        one("zone_resolver_silent", "the resolver never replies", "ALL FAULT silent", impatient,
            {.cause = "resolver_unreachable", .probes = {{"dns", "{dns}:53", "timeout"}}}),
        one("zone_resolver_servfail", "the resolver says SERVFAIL", "ALL FAULT servfail", "",
            {.cause = "resolver_failing", .probes = {{"dns", "{dns}:53", "servfail"}}}),
        one("zone_resolver_garbage", "the resolver sends garbage", "ALL FAULT garbage", impatient,
            {.cause = "resolver_failing", .probes = {{"dns", "{dns}:53", "bad_response"}}}),
        two("zone_two_views", "two resolvers, two private addresses", wildcard, "*.z.corp.test A {b}", "",
            {.cause = "resolvers_disagree", .severity = "warning", .healthy = true}),
        two("zone_unknown_to_one", "one of two resolvers does not know the zone", wildcard, "", "",
            {.cause = "resolvers_disagree", .severity = "warning"}),
        two("zone_one_silent", "one of two resolvers is silent", wildcard, "ALL FAULT silent",
            impatient + expect_a, {.cause = "resolver_unreachable", .severity = "warning"}),
    };
}

}  // namespace

std::vector<Row> zone_rows() {
    std::vector<Row> rows;
    for (auto& part : {healthy_zones(), broken_zones(), resolvers_of_zones()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
