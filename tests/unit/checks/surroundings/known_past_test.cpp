#include "checks/surroundings/known_past.hpp"

#include <gtest/gtest.h>

#include "checks/table/decide.hpp"

namespace whylink::checks {
namespace {

using namespace std::chrono_literals;

FactSet facts_of(const KnownPast& past, bool passes = false) {
    Assessment round;
    round.facts.insert_if(passes, Fact::all_pass);
    return PastOf([&past](const Assessment&) { return past; }).facts(round);
}

TEST(PastOf, SaysWhatHasNeverWorkedAndWhatWorkedForLong) {
    EXPECT_EQ(facts_of({.healthy_for = std::nullopt, .never_healthy = true, .changed = {}}),
              FactSet{Fact::never_healthy});
    EXPECT_EQ(facts_of({.healthy_for = 8 * 24h, .never_healthy = false, .changed = {}}),
              FactSet{Fact::healthy_for_long});
    EXPECT_EQ(facts_of({.healthy_for = 6 * 24h, .never_healthy = false, .changed = {}}), FactSet());
}

TEST(PastOf, SaysWhatChanged) {
    EXPECT_EQ(facts_of({.healthy_for = 1h, .never_healthy = false, .changed = {Fact::address_changed}}),
              FactSet{Fact::address_changed});
}

TEST(PastOf, SaysNothingOfARoundThatPassesOrWhereNothingIsRemembered) {
    EXPECT_EQ(facts_of({.healthy_for = std::nullopt, .never_healthy = true, .changed = {}}, true), FactSet());
    EXPECT_EQ(PastOf(nullptr).facts({}), FactSet());
}

TEST(Decide, AChangeOfTheAddressKeepsTheCauseFromBeingCertainUnlessExpectHasIt) {
    FactSet facts{Fact::address_fails, Fact::accepted_then_reset, Fact::profile_allow_list, Fact::repeat_same,
                  Fact::repeat_steady};
    EXPECT_EQ(decide(facts).confidence, Confidence::high);
    facts.insert(Fact::address_changed);
    EXPECT_EQ(decide(facts).confidence, Confidence::high);
    facts.insert(Fact::address_unverified);
    const Decision decision = decide(facts);
    EXPECT_EQ(decision.cause, Cause::not_on_allowlist);
    EXPECT_EQ(decision.alternatives, std::vector{Cause::wrong_dns_record});
    EXPECT_EQ(decision.confidence, Confidence::medium);
}

TEST(Decide, WhatIsRememberedNeverChoosesTheCause) {
    const FactSet seen{Fact::address_fails, Fact::tcp_timeout};
    for (const Fact fact : {Fact::never_healthy, Fact::healthy_for_long, Fact::address_changed,
                            Fact::resolvers_changed, Fact::certificate_replaced, Fact::host_firewall_changed,
                            Fact::config_changed, Fact::host_rebooted}) {
        FactSet facts = seen;
        facts.insert(fact);
        EXPECT_EQ(decide(facts).cause, decide(seen).cause) << slug(fact);
    }
}

}  // namespace
}  // namespace whylink::checks
