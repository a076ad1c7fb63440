// What targets tell about each other, put in one by one as a daemon does.
#include "checks/surroundings/siblings.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/checks/judged.hpp"

namespace whylink::checks {
namespace {

using probes::Observation;
using Moment = Siblings::Moment;

constexpr Moment now{1000};
constexpr Moment always = Moment::min();

// ---- what the probes saw ----

enum class Reply { none, no_route, servfail, address, not_made };

Observation asked(Reply reply, const char* resolver = "10.0.0.2", const char* answer = "10.0.0.4",
                  probes::NameRole role = probes::NameRole::host) {
    probes::DnsFacts facts;
    facts.name = "abcd.example";
    facts.role = role;
    facts.resolver = *IpAddress::parse(resolver);
    probes::DnsQuery& query = facts.queries.emplace_back();
    query.timed_out = reply == Reply::none;
    query.error = reply == Reply::no_route ? ENETUNREACH : 0;
    if (reply == Reply::servfail || reply == Reply::address) {
        query.rcode = reply == Reply::servfail ? 2 : 0;
    }
    if (reply == Reply::address) {
        query.answers = {{*IpAddress::parse(answer), 300}};
    }
    Observation observation;
    observation.facts = facts;
    if (reply == Reply::not_made) {
        observation.local = probes::LocalError{"socket", EMFILE, ""};
    }
    return observation;
}

enum class Connection { up, silent, refused, no_route, not_made };

Observation connected(Connection result, const char* address = "10.0.0.4", std::uint16_t port = 9440) {
    probes::TcpFacts facts;
    facts.has_tls = true;
    facts.connected = result == Connection::up;
    facts.timed_out = result == Connection::silent;
    facts.no_route = result == Connection::no_route;
    facts.error = result == Connection::refused    ? ECONNREFUSED
                  : result == Connection::no_route ? ENETUNREACH
                                                   : 0;
    Observation observation;
    observation.stage = probes::Stage::tcp;
    observation.address = IpAddress::parse(address);
    observation.port = port;
    observation.facts = facts;
    if (result == Connection::not_made) {
        observation.local = probes::LocalError{"socket", EMFILE, ""};
    }
    return observation;
}

/// Served: the handshake is complete. Else the server resets before its first byte.
Observation shaken(bool served, const char* address = "10.0.0.4", std::uint16_t port = 9440) {
    probes::TlsFacts facts;
    facts.progress = served ? probes::TlsProgress::complete : probes::TlsProgress::client_hello_sent;
    facts.bytes_sent = 300;
    facts.bytes_received = served ? 2000 : 0;
    facts.end = served ? probes::StreamEnd::none : probes::StreamEnd::rst;
    facts.error = served ? 0 : ECONNRESET;
    Observation observation;
    observation.stage = probes::Stage::tls;
    observation.address = IpAddress::parse(address);
    observation.port = port;
    observation.facts = facts;
    return observation;
}

std::vector<Observation> whole(bool served, const char* address = "10.0.0.4", std::uint16_t port = 9440) {
    return {asked(Reply::address, "10.0.0.2", address), connected(Connection::up, address, port),
            shaken(served, address, port)};
}

// ---- targets ----

struct Checked {
    config::TargetPtr target;
    Verdict verdict;
};

Checked checked(const config::TargetPtr& target, std::vector<Observation> observations,
                std::vector<Observation> further = {}) {
    probes::Round measured;
    measured.probes = std::move(observations);
    for (Observation& observation : further) {
        measured.follow_ups.push_back({probes::FollowUp::proxy_v2, std::move(observation)});
    }
    return {target, judged(*target, std::move(measured), {})};
}

Checked by_name(const std::string& host, std::vector<Observation> observations,
                config::ProxyProtocol proxy = config::ProxyProtocol::none) {
    config::Endpoint endpoint;
    endpoint.name = host;
    endpoint.host = host;
    endpoint.port = 9440;
    endpoint.proxy_protocol = proxy;
    endpoint.expect = {*Cidr::parse("10.0.0.0/8")};
    return checked(config::make_target(endpoint), std::move(observations));
}

Checked by_address(const char* address, Connection result) {
    config::Endpoint endpoint;
    endpoint.name = address;
    endpoint.host = address;
    endpoint.address = IpAddress::parse(address);
    endpoint.port = 9440;
    return checked(config::make_target(endpoint), {connected(result, address)});
}

Checked of_zone(Reply reply) {
    config::Zone zone;
    zone.name = "z";
    zone.zone = "example";
    zone.expect = {*Cidr::parse("10.0.0.0/8")};
    return checked(config::make_target(zone),
                   {asked(reply, "10.0.0.2", "10.0.0.4", probes::NameRole::random_label)});
}

Checked silent(const std::string& host) {
    return by_name(host, {asked(Reply::none)});
}

Checked served(const std::string& host) {
    return by_name(host, whole(true));
}

Checked turned_away(const std::string& host) {
    return by_name(host, whole(false));
}

void put(Siblings& siblings, Siblings::Id id, const Checked& target, Moment at = now) {
    siblings.put(id, *target.target, target.verdict, at);
}

/// Those of `targets`, in order, with their places as ids.
std::vector<FactSet> facts_of(const std::vector<Checked>& targets) {
    Siblings siblings;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        put(siblings, static_cast<Siblings::Id>(i), targets[i]);
    }
    std::vector<FactSet> facts;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        facts.push_back(siblings.facts_for(static_cast<Siblings::Id>(i), always));
    }
    return facts;
}

const FactSet nothing;
const FactSet down{Fact::siblings_down};
const FactSet names_down{Fact::siblings_down, Fact::only_names_tried};
const FactSet reached{Fact::sibling_reached};
const FactSet beside{Fact::sibling_served};

using FactSets = std::vector<FactSet>;

// ---- whom there is ----

TEST(Siblings, OneAloneLearnsNothing) {
    for (const Checked& target : {silent("a"), served("a"), turned_away("a"), of_zone(Reply::none)}) {
        EXPECT_EQ(facts_of({target}), FactSets{nothing});
    }
}

TEST(Siblings, AnIdThatIsNotThereHasNoFacts) {
    Siblings siblings;
    EXPECT_EQ(siblings.facts_for(7, always), nothing);
    siblings.remove(7);
    put(siblings, 1, silent("a"));
    put(siblings, 2, silent("b"));
    siblings.remove(2);
    siblings.remove(2);
    EXPECT_EQ(siblings.facts_for(2, always), nothing);
    EXPECT_EQ(siblings.facts_for(1, always), nothing) << "alone again";
}

TEST(Siblings, IdsAreAnyNumbersAndMayComeBack) {
    constexpr Siblings::Id last = std::numeric_limits<Siblings::Id>::max();
    Siblings siblings;
    put(siblings, last, silent("a"));
    put(siblings, 0, silent("b"));
    EXPECT_EQ(siblings.facts_for(last, always), names_down);
    siblings.remove(last);
    put(siblings, last, served("a"));
    EXPECT_EQ(siblings.facts_for(0, always), reached);
}

// ---- this host's network ----

TEST(Siblings, AllSilentIsThisHostsNetwork) {
    EXPECT_EQ(facts_of({silent("a"), silent("b"), of_zone(Reply::none)}),
              (FactSets{names_down, names_down, names_down}));
    EXPECT_EQ(facts_of({silent("a"), by_address("10.0.0.8", Connection::silent)}), (FactSets{down, down}));
}

TEST(Siblings, AnAnswerOfAnyKindShowsThatTheNetworkWorks) {
    const Checked refused = by_address("10.0.0.8", Connection::refused);
    EXPECT_EQ(facts_of({silent("a"), silent("b"), refused}), (FactSets{nothing, nothing, nothing}))
        << "an RST may be of a rule of this host: not down, but not reached either";
    EXPECT_EQ(facts_of({silent("a"), by_name("b", {asked(Reply::servfail)})}), (FactSets{reached, nothing}));
    EXPECT_EQ(facts_of({silent("a"), of_zone(Reply::address)}), (FactSets{reached, nothing}));
}

TEST(Siblings, SilentAddressesAloneMayBeSilentAnywhere) {
    const Checked timed_out = by_address("10.0.0.8", Connection::silent);
    const Checked unroutable = by_address("10.0.0.9", Connection::no_route);
    EXPECT_EQ(facts_of({timed_out, timed_out}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({timed_out, unroutable}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({unroutable, unroutable}), (FactSets{down, down}));
}

TEST(Siblings, LoopbackIsNoNetwork) {
    const Checked local_resolver = by_name("b", {asked(Reply::servfail, "127.0.0.53")});
    const Checked local_service = by_address("127.0.0.1", Connection::up);
    EXPECT_EQ(facts_of({silent("a"), local_resolver}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({silent("a"), local_service}), (FactSets{nothing, nothing}));
}

TEST(Siblings, TheHostsFileIsNoNetworkEither) {
    Observation entry = asked(Reply::address);
    auto& facts = get<probes::DnsFacts>(entry.facts);
    facts.source = probes::NameSource::hosts_file;
    facts.hosts_file = {*IpAddress::parse("10.0.0.4")};
    const Checked by_file = by_name("a", {entry, connected(Connection::silent)});
    ASSERT_EQ(by_file.verdict.probes.front().outcome, Outcome::ok);
    EXPECT_EQ(facts_of({by_file, silent("b")}), (FactSets{down, down}));
    EXPECT_EQ(facts_of({by_file, by_file}), (FactSets{nothing, nothing})) << "no resolver was asked";
}

TEST(Siblings, TheFirstToFailAreNotAll) {
    Siblings siblings;
    siblings.expect(3);
    put(siblings, 1, silent("a"));
    put(siblings, 2, silent("b"));
    EXPECT_EQ(siblings.facts_for(1, always), nothing) << "the third has yet to say";
    put(siblings, 2, silent("b"));
    EXPECT_EQ(siblings.facts_for(2, always), nothing) << "twice the same";
    put(siblings, 3, silent("c"));
    EXPECT_EQ(siblings.facts_for(1, always), names_down);
    siblings.remove(3);
    siblings.expect(2);
    EXPECT_EQ(siblings.facts_for(1, always), names_down);
}

TEST(Siblings, ATargetsOwnConnectionIsNoSibling) {
    std::vector<Observation> observations = whole(true);
    observations.push_back(asked(Reply::none, "10.0.0.3"));
    const Checked half = by_name("a", observations);
    ASSERT_TRUE(half.verdict.facts.contains(Fact::resolver_timed_out));
    EXPECT_EQ(facts_of({half, silent("b")}), (FactSets{nothing, reached}));
    EXPECT_EQ(facts_of({half, served("b")}), (FactSets{reached, nothing}));
}

TEST(Siblings, TheLatestVerdictCounts) {
    Siblings siblings;
    put(siblings, 1, silent("a"));
    put(siblings, 2, silent("b"));
    EXPECT_EQ(siblings.facts_for(1, always), names_down);
    put(siblings, 2, served("b"));
    EXPECT_EQ(siblings.facts_for(1, always), reached);
    EXPECT_EQ(siblings.facts_for(2, always), nothing);
    put(siblings, 2, silent("b"));
    EXPECT_EQ(siblings.facts_for(2, always), names_down);
}

TEST(Siblings, WhatIsTooOldSaysNothing) {
    Siblings siblings;
    put(siblings, 1, silent("a"), Moment(40));
    put(siblings, 1, silent("a"), Moment(100));
    put(siblings, 2, silent("b"), Moment(100));
    put(siblings, 3, served("c"), Moment(50));
    EXPECT_EQ(siblings.facts_for(1, Moment(50)), reached);
    EXPECT_EQ(siblings.facts_for(1, Moment(51)), names_down);
    EXPECT_EQ(siblings.facts_for(1, Moment(101)), nothing);
    put(siblings, 1, silent("a"), Moment(200));
    EXPECT_EQ(siblings.facts_for(1, Moment(101)), nothing) << "the only one that is fresh";
    EXPECT_EQ(siblings.facts_for(2, Moment(101)), nothing) << "its own verdict is too old";
}

TEST(Siblings, AFewThatAreCheckedOftenAreNotAll) {
    Siblings siblings;
    put(siblings, 1, silent("a"), Moment(100));
    put(siblings, 2, silent("b"), Moment(100));
    put(siblings, 3, served("c"), Moment(50));
    put(siblings, 4, served("d"), Moment(50));
    EXPECT_EQ(siblings.facts_for(1, Moment(100)), nothing) << "as many are not known of";
    put(siblings, 3, silent("c"), Moment(100));
    EXPECT_EQ(siblings.facts_for(1, Moment(100)), names_down);
}

TEST(Siblings, WhatWorkedForAnotherIsSoonForgotten) {
    const Moment before = std::chrono::hours(1);
    const Moment later = before + std::chrono::minutes(10);
    for (const auto& [failing, fact] :
         {std::pair{silent("b"), reached}, std::pair{turned_away("b"), FactSet{Fact::sibling_served}}}) {
        Siblings siblings;
        put(siblings, 2, failing, before);
        put(siblings, 1, served("a"), before);
        put(siblings, 2, failing, later);
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), fact);
        put(siblings, 2, failing, later + Moment(1));
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), nothing);
    }
}

TEST(Siblings, WhatWorkedBeforeATargetBeganToFailProvesNothing) {
    for (const auto& [failing, fact] :
         {std::pair{silent("b"), reached}, std::pair{turned_away("b"), FactSet{Fact::sibling_served}}}) {
        Siblings siblings;
        put(siblings, 1, served("a"), Moment(100));
        put(siblings, 2, served("b"), Moment(110));
        put(siblings, 2, failing, Moment(120));
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), nothing) << "both may have broken at 119";
        put(siblings, 2, failing, Moment(130));
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), nothing);
        put(siblings, 1, served("a"), Moment(125));
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), fact) << "it works while the other fails";
        put(siblings, 2, served("b"), Moment(122));
        put(siblings, 2, by_name("b", {asked(Reply::not_made)}), Moment(124));
        put(siblings, 2, failing, Moment(150));
        EXPECT_EQ(siblings.facts_for(2, Moment(0)), nothing) << "another outage, and no round in between";
    }
}

// ---- a fault of this host ----

TEST(Siblings, WhatCouldNotBeMadeNeitherFailsNorWorks) {
    const Checked not_made = by_name("c", {asked(Reply::not_made)});
    ASSERT_EQ(not_made.verdict.decision.cause, Cause::local_limit);
    EXPECT_EQ(facts_of({silent("a"), silent("b"), not_made}), (FactSets{names_down, names_down, nothing}));
    EXPECT_EQ(facts_of({silent("a"), not_made}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({not_made, not_made}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({silent("a"), silent("b"), by_name("c", {})}),
              (FactSets{names_down, names_down, nothing}));
}

TEST(Siblings, AnAnswerBesideAFaultOfThisHostStillCounts) {
    const Checked half_made = by_name("c", {asked(Reply::address), connected(Connection::not_made)});
    ASSERT_EQ(half_made.verdict.decision.cause, Cause::local_limit);
    EXPECT_EQ(facts_of({silent("a"), silent("b"), half_made}), (FactSets{reached, reached, nothing}));
}

TEST(Siblings, AProbeThatCouldNotBeMadeSaysNothingWhateverElseItHolds) {
    std::vector<Observation> observations = whole(true);
    for (Observation& observation : observations) {
        observation.local = probes::LocalError{"socket", EMFILE, ""};
    }
    const Checked not_made = by_name("c", observations);
    EXPECT_EQ(facts_of({silent("a"), silent("b"), not_made}), (FactSets{names_down, names_down, nothing}));
    EXPECT_EQ(facts_of({turned_away("a"), not_made}), (FactSets{nothing, nothing}));
}

TEST(Siblings, SilenceBesideAFaultOfThisHostIsNotAll) {
    const Checked partly = by_name("c", {asked(Reply::none), asked(Reply::not_made, "10.0.0.3")});
    EXPECT_EQ(facts_of({silent("a"), partly}), (FactSets{nothing, nothing}));
    EXPECT_EQ(facts_of({silent("a"), silent("b"), partly}), (FactSets{names_down, names_down, nothing}));
}

TEST(Siblings, AddressesThatCouldNotBeTriedWereNotTried) {
    const Checked not_made = by_address("10.0.0.8", Connection::not_made);
    EXPECT_EQ(facts_of({silent("a"), silent("b"), not_made}), (FactSets{names_down, names_down, nothing}));
}

// ---- one service among those of an address ----

TEST(Siblings, AnotherNameServedAtTheSameDoorTells) {
    EXPECT_EQ(facts_of({turned_away("a"), served("b")}), (FactSets{beside, nothing}));
    EXPECT_EQ(facts_of({turned_away("a"), turned_away("b"), served("c"), served("d")}),
              (FactSets{beside, beside, nothing, nothing}));
}

TEST(Siblings, TheSameNameOrAnotherDoorOrHeaderDoesNot) {
    EXPECT_EQ(facts_of({turned_away("a"), served("a")}), (FactSets{nothing, nothing})) << "the same name";
    EXPECT_EQ(facts_of({turned_away("a"), by_name("b", whole(true, "10.0.0.5"))}),
              (FactSets{nothing, nothing}))
        << "another address";
    EXPECT_EQ(facts_of({turned_away("a"), by_name("b", whole(true, "10.0.0.4", 443))}),
              (FactSets{nothing, nothing}))
        << "another port";
    EXPECT_EQ(facts_of({turned_away("a"), by_name("b", whole(true), config::ProxyProtocol::v2)}),
              (FactSets{nothing, nothing}))
        << "asked otherwise";
    EXPECT_EQ(facts_of({turned_away("a"), of_zone(Reply::address)}), (FactSets{nothing, nothing}));
}

config::TargetPtr with_server_name(const config::Target& target, const char* name) {
    config::Endpoint endpoint = *target.endpoint();
    endpoint.tls.server_name = name;
    return config::make_target(std::move(endpoint));
}

TEST(Siblings, TheNameSentInTlsIsWhatCounts) {
    Checked other = served("b");
    other.target = with_server_name(*other.target, "a");
    EXPECT_EQ(facts_of({turned_away("a"), other}), (FactSets{nothing, nothing}));
    Checked same = served("a");
    same.target = with_server_name(*same.target, "b");
    EXPECT_EQ(facts_of({turned_away("a"), same}), (FactSets{beside, nothing}));
}

TEST(Siblings, AnExperimentThatIsTurnedAwayIsNoFailure) {
    const Checked with = checked(by_name("a", {}).target, whole(true), {shaken(false, "10.0.0.5")});
    EXPECT_EQ(facts_of({with, by_name("b", whole(true, "10.0.0.5"))}), (FactSets{nothing, nothing}));
}

TEST(Siblings, AnExperimentThatIsServedSpeaksForNoOther) {
    const Checked with = checked(by_name("a", {}).target, whole(false), {shaken(true)});
    EXPECT_EQ(facts_of({with, turned_away("b")}), (FactSets{nothing, nothing}));
}

TEST(Siblings, WhoIsNoLongerServedThereTellsNothing) {
    Siblings siblings;
    put(siblings, 1, turned_away("a"), Moment(80));
    put(siblings, 1, turned_away("a"), Moment(100));
    put(siblings, 2, served("b"), Moment(90));
    EXPECT_EQ(siblings.facts_for(1, Moment(90)), beside);
    EXPECT_EQ(siblings.facts_for(1, Moment(91)), nothing) << "too old";
    put(siblings, 2, by_name("b", whole(true, "10.0.0.5")), Moment(110));
    EXPECT_EQ(siblings.facts_for(1, always), nothing) << "served elsewhere now";
    put(siblings, 2, served("b"), Moment(120));
    put(siblings, 3, served("c"), Moment(120));
    siblings.remove(2);
    EXPECT_EQ(siblings.facts_for(1, always), beside) << "there is a third";
    put(siblings, 3, turned_away("c"), Moment(130));
    EXPECT_EQ(siblings.facts_for(1, always), nothing);
}

TEST(Siblings, AnIdThatComesBackIsNotServedWhereItWas) {
    Siblings siblings;
    put(siblings, 1, turned_away("a"));
    put(siblings, 2, served("b"));
    siblings.remove(2);
    put(siblings, 2, by_name("b", whole(true, "10.0.0.5")));
    EXPECT_EQ(siblings.facts_for(1, always), nothing);
}

TEST(Siblings, RefersToNothingThatWasPut) {
    Siblings siblings;
    {
        const auto gone = std::make_unique<Checked>(served("a-name-that-is-too-long-to-be-kept-in-place"));
        put(siblings, 1, *gone);
    }
    put(siblings, 2, turned_away("b"));
    EXPECT_EQ(siblings.facts_for(2, always), beside);
}

// ---- the diagnosis ----

Verdict among(const Siblings& siblings, Siblings::Id id, const Checked& checked) {
    const SiblingsOf others(siblings, id, always);
    const std::array<const Source*, 1> surroundings{&others};
    return judge(*checked.target, checked.verdict, surroundings);
}

TEST(SiblingsOf, TakePartInTheDiagnosis) {
    Siblings siblings;
    put(siblings, 1, silent("a"));
    put(siblings, 2, silent("b"));
    const Verdict verdict = among(siblings, 1, silent("a"));
    EXPECT_EQ(verdict.decision.cause, Cause::local_network_down);
    EXPECT_TRUE(verdict.facts.contains_all(names_down));
    EXPECT_FALSE(verdict.healthy);
}

// ---- whatever the targets ----

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
    bool coin() { return below(2) == 0; }

  private:
    std::mt19937_64 engine_;
};

/// Few names, addresses and ports, so that targets meet. `quiet`: nothing that ever came back.
Checked any_target(Dice& dice, bool quiet) {
    const std::string host(1, static_cast<char>('a' + dice.below(3)));
    const char* address = dice.coin() ? "10.0.0.4" : "127.0.0.1";
    const auto proxy = dice.below(4) == 0 ? config::ProxyProtocol::v1 : config::ProxyProtocol::none;
    switch (dice.below(quiet ? 8 : 14)) {
        case 0:
        case 1:
            return silent(host);
        case 2:
            return by_name(host, {asked(dice.coin() ? Reply::no_route : Reply::none),
                                  asked(dice.coin() ? Reply::not_made : Reply::none, "10.0.0.3")});
        case 3:
            return by_name(host, {asked(Reply::not_made)});
        case 4:
            return by_address("10.0.0.8", Connection::no_route);
        case 5:
            return by_address("10.0.0.9", dice.coin() ? Connection::silent : Connection::not_made);
        case 6:
            return of_zone(dice.coin() ? Reply::none : Reply::not_made);
        case 7:
            return by_name(host, {});
        case 8:
            return of_zone(dice.coin() ? Reply::servfail : Reply::address);
        case 9:
            return by_name(host, {asked(Reply::servfail, dice.coin() ? "10.0.0.2" : "127.0.0.53")});
        case 10:
            return by_name(host, {asked(Reply::address), connected(Connection::not_made)});
        case 11:
            return by_name(host, {asked(Reply::address), asked(Reply::none, "10.0.0.3"),
                                  connected(dice.coin() ? Connection::up : Connection::silent)});
        case 12:
            return by_address(address, dice.coin() ? Connection::up : Connection::refused);
        default:
            return by_name(host, whole(dice.coin(), "10.0.0.4", dice.coin() ? 9440 : 443), proxy);
    }
}

std::vector<Checked> any_targets(Dice& dice) {
    const bool quiet = dice.coin();
    std::vector<Checked> targets;
    for (unsigned i = dice.below(7); i > 0; --i) {
        targets.push_back(any_target(dice, quiet));
    }
    return targets;
}

/// In any order, over other verdicts, and among targets that go again.
void put_all(Siblings& siblings, const std::vector<Checked>& targets, Dice& dice) {
    std::vector<Siblings::Id> order;
    for (Siblings::Id id = 0; id < targets.size(); ++id) {
        order.push_back(id);
        if (dice.coin()) {
            put(siblings, id, any_target(dice, false));
        }
        put(siblings, 100 + dice.below(5), any_target(dice, false));
    }
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[dice.below(static_cast<unsigned>(i))]);
    }
    for (const Siblings::Id id : order) {
        siblings.remove(100 + dice.below(5));
        put(siblings, id, targets[id]);
    }
    for (Siblings::Id id = 100; id < 105; ++id) {
        siblings.remove(id);
    }
}

std::vector<Verdict> verdicts_of(const Siblings& siblings, const std::vector<Checked>& targets) {
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        verdicts.push_back(among(siblings, static_cast<Siblings::Id>(i), targets[i]));
    }
    return verdicts;
}

std::vector<Verdict> in_any_order(const std::vector<Checked>& targets, Dice& dice) {
    Siblings siblings;
    put_all(siblings, targets, dice);
    return verdicts_of(siblings, targets);
}

std::vector<Verdict> in_order(const std::vector<Checked>& targets) {
    Siblings siblings;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        put(siblings, static_cast<Siblings::Id>(i), targets[i]);
    }
    return verdicts_of(siblings, targets);
}

void expect_same(const Verdict& a, const Verdict& b, std::uint64_t seed) {
    EXPECT_EQ(a.facts, b.facts) << "seed " << seed;
    EXPECT_EQ(a.healthy, b.healthy) << "seed " << seed;
    EXPECT_EQ(a.decision.cause, b.decision.cause) << "seed " << seed;
    EXPECT_EQ(a.decision.severity, b.decision.severity) << "seed " << seed;
    EXPECT_EQ(a.decision.confidence, b.decision.confidence) << "seed " << seed;
    EXPECT_EQ(a.decision.alternatives, b.decision.alternatives) << "seed " << seed;
}

TEST(Siblings, TheOrderInWhichRoundsEndIsAllOne) {
    FactSet seen;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Dice dice(seed);
        const std::vector<Checked> targets = any_targets(dice);
        const std::vector<Verdict> expected = in_order(targets);
        const std::vector<Verdict> verdicts = in_any_order(targets, dice);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            expect_same(verdicts[i], expected[i], seed);
            seen.insert_all(expected[i].facts);
        }
    }
    EXPECT_TRUE(seen.contains_all(
        {Fact::siblings_down, Fact::only_names_tried, Fact::sibling_reached, Fact::sibling_served}))
        << "the scenes must show what they are about";
}

TEST(Siblings, NeverChangeHealthNorWhatCouldNotBeMade) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Dice dice(seed);
        const std::vector<Checked> targets = any_targets(dice);
        const std::vector<Verdict> verdicts = in_order(targets);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            EXPECT_EQ(verdicts[i].healthy, targets[i].verdict.healthy) << "seed " << seed;
            if (targets[i].verdict.decision.cause == Cause::local_limit) {
                EXPECT_EQ(verdicts[i].decision.cause, Cause::local_limit) << "seed " << seed;
            }
        }
    }
}

}  // namespace
}  // namespace whylink::checks
