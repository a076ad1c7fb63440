// DNS.
#include <utility>

#include "config_text.hpp"
#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

const std::string zone = "eu-west-1.vpce.aws.clickhouse.cloud";
const std::string public_host = "abc.eu-west-1.aws.clickhouse.cloud";

// The service is there; `records` are what the configured resolver knows, `own` what this host's own does.
Confounder resolved(const std::string& name, const std::string& why, const std::string& truth,
                    const std::string& records, const std::string& own) {
    Confounder made = served(name, why, truth, lab::speaks(certificates().service("good")), listed());
    made.row.resolvers = {{"{dns}", records}, {"{dns2}", own}};
    made.row.files = {{"/etc/resolv.conf", "nameserver {dns2}\n"}};
    return made;
}

/// A partner's public name leads into a zone that this network has linked.
Confounder shadowed() {
    Confounder made = resolved("zone_shadows", "a linked private zone hides a public name of somebody else",
                               "private_zone_shadows",
                               "db.partner.test CNAME db.privatelink.partner.test\n"
                               "privatelink.partner.test 10 SOA azureprivatedns.net 10\n",
                               "db.partner.test A {public}\n");
    made.row.config =
        netns_test::plain("host = \"db.partner.test\"\nprivate = false\n" + netns_test::impatient);
    return made;
}

}  // namespace

std::vector<Confounder> names() {
    const std::string at_public = public_host + " A {public}\n";
    const std::string wildcard = "*." + zone + " A {a}\n";
    const std::string hidden = wildcard + listed_host + " TXT x\n" + at_public;
    const std::string missing = "private_dns_missing";
    return {
        resolved("record_hides_wildcard", "a record of its own hides the wildcard (TXT beside `*`)",
                 "wildcard_overridden", hidden, hidden),
        resolved("zone_missing", "the zone is missing, the public name exists", missing, at_public,
                 at_public),
        resolved("name_unknown", "neither the name nor its public name exists (a typing error)", missing,
                 "other.test A {a}", "other.test A {a}"),
        resolved("resolver_unaware", "the configured resolver lacks the zone, this host's own has it",
                 missing, at_public, wildcard + at_public),
        resolved("resolver_silent", "the configured resolver is silent, this host's own has the name",
                 "resolver_unreachable", "ALL FAULT silent", wildcard),
        resolved("resolver_servfail", "the configured resolver says SERVFAIL, this host's own has the name",
                 "resolver_failing", "ALL FAULT servfail", wildcard),
        resolved("public_answer",
                 "the private name leads to a public address, this host's own resolver is right",
                 "private_dns_bypassed", listed_host + " A {public}", wildcard),
        resolved("dnssec", "the zone's DNSSEC validation fails, with checking disabled the record is there",
                 "resolver_failing", wildcard + "ALL FAULT bogus\nALL ERROR 6 no DS\n", wildcard),
        shadowed(),
        resolved("edns_dropped", "queries with EDNS get no reply, those without do", "healthy",
                 wildcard + "ALL FAULT drops_edns\n", wildcard),
        resolved("srv_name", "the name has SRV records and no address", missing,
                 "_mongodb._tcp." + listed_host + " SRV 0 0 27017 n1.test\nn1.test A {a}\n" + at_public,
                 at_public),
        resolved("filtered",
                 "a filter of the configured resolver says NXDOMAIN, this host's own has the name", missing,
                 "ALL FAULT nxdomain\nALL ERROR 15 filter\n", wildcard),
        resolved("stale_record", "DNS gives an old address, the one of `expect` answers", "wrong_dns_record",
                 listed_host + " A {b}", listed_host + " A {b}"),
    };
}

}  // namespace whylink::confounders
