// Which follow-up tests a failure calls for, and what their results may say.
#include "checks/followups/table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "checks/followups/plan.hpp"
#include "checks/table/rules.hpp"
#include "checks/texts/followups.hpp"
#include "config/dns_name.hpp"
#include "tests/unit/checks/case.hpp"
#include "tests/unit/checks/judged.hpp"

namespace whylink::checks::test {
namespace {

constexpr std::string_view random_label = "whylink-k3b9q1xw7c2d";

/// What the ordinary probes of a recorded case show, its follow-up tests left out, or the last of them: a round is planned
/// for again with what its first tests showed.
struct Round {
    config::Endpoint endpoint;
    Verdict verdict;
    std::vector<PlannedFollowUp> plan;
};

enum class Tests { none, all_but_the_last };

Round round_of(const RecordedTarget& target, TimePoint now, Tests tests = Tests::none) {
    probes::Round ordinary = target.measured;
    if (tests == Tests::none) {
        ordinary.follow_ups.clear();
    } else if (!ordinary.follow_ups.empty()) {
        ordinary.follow_ups.pop_back();
    }
    ordinary.holds.clear();
    Verdict verdict = judged(*target.target, ordinary, now);
    if (!verdict.passed()) {
        // Its second tests are planned by what the probes show alone.
        std::vector<JudgedFollowUp> made = std::move(verdict.follow_ups);
        ordinary.follow_ups.clear();
        verdict = judged(*target.target, std::move(ordinary), now);
        verdict.follow_ups = std::move(made);
    }
    Round round{*target.target->endpoint(), std::move(verdict), {}};
    round.plan = plan_follow_ups(round.endpoint, round.verdict, random_label);
    return round;
}

std::vector<Round> all_rounds() {
    std::vector<Round> rounds;
    for (const auto& directory : case_directories()) {
        const Case recorded = read_case(directory);
        for (const auto& [name, target] : recorded.targets) {
            if (target.target->endpoint() != nullptr) {
                rounds.push_back(round_of(target, recorded.now));
                rounds.push_back(round_of(target, recorded.now, Tests::all_but_the_last));
            }
        }
    }
    return rounds;
}

Round recorded_round(const std::string& name, Tests tests = Tests::none) {
    const Case recorded = read_case(std::filesystem::path(WHYLINK_CASES) / name);
    EXPECT_EQ(recorded.problems, std::vector<std::string>{});
    return round_of(recorded.targets.begin()->second, recorded.now, tests);
}

std::vector<std::string> slugs(const std::vector<PlannedFollowUp>& plan) {
    std::vector<std::string> names;
    for (const PlannedFollowUp& planned : plan) {
        names.emplace_back(slug(planned.kind));
    }
    return names;
}

using Names = std::vector<std::string>;

TEST(Experiments, HaveSlugsThatLeadBack) {
    for (const Term<probes::FollowUp>& kind : terms_of<probes::FollowUp>) {
        EXPECT_EQ(from_slug<probes::FollowUp>(kind.slug), kind.value);
    }
    EXPECT_EQ(from_slug<probes::FollowUp>("hold"), std::nullopt);
    EXPECT_EQ(from_slug<probes::FollowUp>(""), std::nullopt);
}

TEST(Experiments, EachRowIsCalledForByACase) {
    const std::vector<Round> rounds = all_rounds();
    for (const FollowUpRow& row : follow_up_rows()) {
        EXPECT_TRUE(std::ranges::any_of(rounds,
                                        [&](const Round& round) {
                                            return round.verdict.facts.contains_all(row.when) &&
                                                   !round.verdict.facts.intersects(row.unless);
                                        }))
            << slug(row.kind) << ", " << row.tells_apart;
        EXPECT_FALSE(row.when.intersects(row.unless));
    }
}

TEST(Experiments, EachIsPlannedForACase) {
    std::set<std::string> planned;
    for (const Round& round : all_rounds()) {
        for (const std::string& name : slugs(round.plan)) {
            planned.insert(name);
        }
    }
    for (const std::string_view kind : slugs_of<probes::FollowUp>) {
        EXPECT_TRUE(planned.contains(std::string(kind))) << kind;
    }
}

TEST(Experiments, StayWithinTheirBounds) {
    for (const Round& round : all_rounds()) {
        SCOPED_TRACE(round.endpoint.name);
        EXPECT_LE(round.plan.size(), max_follow_ups);
        for (const PlannedFollowUp& planned : round.plan) {
            EXPECT_EQ(planned.pace == Pace::failing, !round.verdict.passed()) << slug(planned.kind);
            EXPECT_NE(planned.name.empty(), !planned.address.has_value()) << slug(planned.kind);
            EXPECT_TRUE(planned.kind != probes::FollowUp::other_port || planned.port != 3306);
        }
    }
}

/// The same verdict for an endpoint with that one change.
template <class Change>
std::vector<PlannedFollowUp> plan_with(Round round, Change change) {
    change(round.endpoint);
    return plan_follow_ups(round.endpoint, round.verdict, random_label);
}

TEST(Experiments, AreNotMadeWhereTheyAreSwitchedOff) {
    const Round round = recorded_round("allowlist-unknown");
    ASSERT_FALSE(round.plan.empty());
    EXPECT_TRUE(plan_with(round, [](config::Endpoint& e) { e.experiments = false; }).empty());
}

TEST(Experiments, ChangeOneThing) {
    const Round round = recorded_round("tls-silent");
    for (const PlannedFollowUp& planned : round.plan) {
        if (planned.kind == probes::FollowUp::control_port) {
            EXPECT_EQ(planned.address, round.plan.front().address);
            EXPECT_NE(planned.port, round.endpoint.port);
            continue;
        }
        const bool header = planned.proxy_header != probes::ProxyHeaderSent::none;
        EXPECT_EQ(header, planned.kind == probes::FollowUp::proxy_v2);
        EXPECT_EQ(planned.max_segment != 0, planned.kind == probes::FollowUp::small_segments);
        EXPECT_EQ(planned.tls, planned.kind != probes::FollowUp::plain_text);
        EXPECT_EQ(planned.server_name, round.endpoint.tls.server_name);
        EXPECT_EQ(planned.port, round.endpoint.port);
    }
    EXPECT_EQ(slugs(round.plan).front(), "small_segments");
}

TEST(Experiments, LeaveOutTheHeaderThatIsConfigured) {
    const auto plan = plan_with(recorded_round("allowlist-unknown"), [](config::Endpoint& endpoint) {
        endpoint.proxy_protocol = config::ProxyProtocol::v1;
        endpoint.app = config::App::redis;
    });
    ASSERT_EQ(slugs(plan), (Names{"proxy_v2", "linked_name", "plain_text"}));
    EXPECT_EQ(plan[0].proxy_header, probes::ProxyHeaderSent::none);
    EXPECT_EQ(plan[2].proxy_header, probes::ProxyHeaderSent::v1);
}

/// What changes something comes first; what it showed says which control has the place that is left.
TEST(Experiments, HaveRoomForAControl) {
    const auto plan = plan_with(recorded_round("tls-silent"),
                                [](config::Endpoint& endpoint) { endpoint.app = config::App::redis; });
    EXPECT_EQ(slugs(plan), (Names{"small_segments", "plain_text", "proxy_v2"}));
}

/// An acceptance decides, and nothing follows it: whether it means anything is asked before whether it lasts.
TEST(Experiments, AskWhetherAnAcceptanceMeansAnythingWhereNoChangeHelped) {
    Round round = recorded_round("tls-silent");
    for (const probes::FollowUp kind :
         {probes::FollowUp::small_segments, probes::FollowUp::proxy_v2, probes::FollowUp::tls12_only}) {
        round.verdict.follow_ups.push_back({kind, round.verdict.probes.back()});
    }
    EXPECT_EQ(slugs(plan_with(round, [](config::Endpoint&) {})), Names{"control_port"});
}

/// One of several targets that fails makes any change look like the cure.
TEST(Experiments, RepeatWhereAChangeHelped) {
    EXPECT_EQ(slugs(recorded_round("app-hangs-by-chance").plan), (Names{"small_segments", "proxy_v2"}));
    EXPECT_EQ(slugs(recorded_round("app-hangs-by-chance", Tests::all_but_the_last).plan),
              (Names{"repeat", "repeat"}));
}

/// A list refuses each time. Whoever answers another name needs no header, and has shown that it accepts.
TEST(Experiments, MakeSureOfARefusalThatAListExplains) {
    EXPECT_EQ(slugs(recorded_round("allowlist-not-steady").plan), Names{"other_name"});
    EXPECT_EQ(slugs(recorded_round("allowlist-not-steady", Tests::all_but_the_last).plan),
              (Names{"repeat", "repeat", "repeat"}));
}

TEST(Experiments, AskTheSameResolverAgain) {
    for (const char* const name : {"dns-nxdomain", "resolver-servfail", "healthy-slow-lookup"}) {
        SCOPED_TRACE(name);
        const Round round = recorded_round(name);
        const auto planned =
            std::ranges::find(round.plan, probes::FollowUp::repeat_query, &PlannedFollowUp::kind);
        ASSERT_NE(planned, round.plan.end());
        EXPECT_EQ(planned->name, canonical_name(round.endpoint.host));
        ASSERT_TRUE(planned->resolver);
        EXPECT_EQ(planned->resolver->address, IpAddress::parse("10.0.0.2"));
    }
}

/// Each connection would count: towards MaxStartups and fail2ban, say.
TEST(Experiments, LeaveAServerAloneThatJudgesHostsByTheirConnections) {
    for (const char* const name : {"allowlist-unknown", "tls-silent"}) {
        Round round = recorded_round(name);
        ASSERT_FALSE(round.plan.empty());
        round.verdict.facts.insert(Fact::judged_by_history);
        EXPECT_EQ(slugs(plan_with(round, [](config::Endpoint& endpoint) { endpoint.port = 22; })), Names{})
            << name;
    }
}

TEST(Experiments, SpeakPlainTextOnlyWhereItDoesNoHarm) {
    const Round round = recorded_round("tls-silent");
    const auto with = [&](config::App app, std::uint16_t port) {
        for (const PlannedFollowUp& planned : plan_with(round, [&](config::Endpoint& endpoint) {
                 endpoint.app = app;
                 endpoint.port = port;
             })) {
            if (planned.kind == probes::FollowUp::plain_text) {
                return planned.app;
            }
        }
        return config::App::none;
    };
    EXPECT_EQ(with(config::App::none, 6379), config::App::redis);
    EXPECT_EQ(with(config::App::none, 1883), config::App::mqtt);
    EXPECT_EQ(with(config::App::none, 8080), config::App::http);
    EXPECT_EQ(with(config::App::none, 1433), config::App::tds);
    EXPECT_EQ(with(config::App::none, 8123), config::App::clickhouse);
    EXPECT_EQ(with(config::App::none, 9000), config::App::none);
    EXPECT_EQ(with(config::App::none, 5432), config::App::none);
    EXPECT_EQ(with(config::App::clickhouse, 9440), config::App::clickhouse);
    EXPECT_EQ(with(config::App::none, 3306), config::App::none);
    EXPECT_EQ(with(config::App::mysql, 6379), config::App::none);
    EXPECT_EQ(with(config::App::none, 4711), config::App::none);
}

TEST(Experiments, TryOtherPortsBareAndNeverMySql) {
    const Round round = recorded_round("experiment-other-port-answers");
    ASSERT_EQ(slugs(round.plan), (Names{"other_port", "other_port"}));
    EXPECT_EQ(round.plan[0].port, 8443);
    EXPECT_EQ(round.plan[1].port, 443);
    EXPECT_FALSE(round.plan[0].tls);
    EXPECT_EQ(round.plan[0].app, config::App::none);
}

TEST(Experiments, TryNamesThatBelongToTheHost) {
    const Round round = recorded_round("server-name-default-certificate");
    ASSERT_EQ(slugs(round.plan), Names{"linked_name"});
    EXPECT_EQ(round.plan[0].server_name, "x.mariadb.database.azure.com");
    EXPECT_TRUE(round.plan[0].tls);
    EXPECT_EQ(round.plan[0].app, config::App::none);
    // The endpoint's technical name has nothing to be tried with.
    EXPECT_EQ(slugs(recorded_round("server-name-endpoint").plan), Names{"local_acceptor"});
}

TEST(Experiments, LengthenTheHelloOfWhatWorks) {
    const Round round = recorded_round("healthy-large-hello");
    ASSERT_EQ(slugs(round.plan), Names{"large_hello"});
    EXPECT_EQ(round.plan[0].hello, probes::HelloSize::large);
    EXPECT_EQ(round.plan[0].pace, Pace::passing_daily);
    const auto with = [&](config::LargeHello when, config::App app = config::App::none,
                          std::uint16_t port = 443) {
        return plan_with(round, [&](config::Endpoint& endpoint) {
            endpoint.tls.large_hello = when;
            endpoint.app = app;
            endpoint.port = port;
        });
    };
    EXPECT_TRUE(with(config::LargeHello::never).empty());
    EXPECT_EQ(with(config::LargeHello::always).at(0).pace, Pace::every_round);
    // No handshake without the application, and none that MySQL would count.
    EXPECT_TRUE(with(config::LargeHello::automatic, config::App::postgres).empty());
    EXPECT_TRUE(with(config::LargeHello::automatic, config::App::none, 3306).empty());
    EXPECT_EQ(with(config::LargeHello::automatic, config::App::http).at(0).app, config::App::none);
}

TEST(Experiments, LeaveTls13OutWhereItMayBeWhatFails) {
    for (const char* const name :
         {"tls12-only-after-reset", "tls12-only-after-close", "tls12-only-after-silence",
          "tls12-only-after-alert", "tls12-only-refused-too", "filtered-by-version"}) {
        SCOPED_TRACE(name);
        const Round round = recorded_round(name);
        const auto planned =
            std::ranges::find(round.plan, probes::FollowUp::tls12_only, &PlannedFollowUp::kind);
        ASSERT_NE(planned, round.plan.end());
        EXPECT_TRUE(planned->tls12_only);
        EXPECT_TRUE(planned->tls);
        EXPECT_EQ(planned->server_name, round.endpoint.tls.server_name);
        EXPECT_EQ(std::ranges::count(round.plan, true, &PlannedFollowUp::tls12_only), 1);
        // Without TLS 1.2 nothing is left to be offered.
        const auto newest = plan_with(
            round, [](config::Endpoint& endpoint) { endpoint.tls.min_version = config::TlsVersion::tls1_3; });
        EXPECT_EQ(std::ranges::count(newest, probes::FollowUp::tls12_only, &PlannedFollowUp::kind), 0);
    }
}

TEST(Experiments, LeaveTls13AloneWhereSomethingElseWasSaid) {
    for (const char* const name : {"allowlist-known", "tls-alert-name", "tls-alert-internal",
                                   "client-certificate-required", "certificate-expired"}) {
        const Round round = recorded_round(name);
        EXPECT_EQ(std::ranges::count(round.plan, probes::FollowUp::tls12_only, &PlannedFollowUp::kind), 0)
            << name;
    }
}

TEST(Experiments, TryTheExpectedAddressThatDnsDoesNotGive) {
    const Round round = recorded_round("experiment-expected-address-answers");
    ASSERT_EQ(slugs(round.plan), Names{"other_address"});
    EXPECT_EQ(round.plan[0].address, IpAddress::parse("10.0.0.4"));
    EXPECT_TRUE(round.plan[0].tls);
}

TEST(Experiments, AskTheCloudOfTheProfileOnlyAndNobodyTwice) {
    const auto resolvers = [](const std::vector<PlannedFollowUp>& plan) {
        Names asked;
        for (const PlannedFollowUp& planned : plan) {
            if (planned.kind == probes::FollowUp::other_resolver) {
                asked.push_back(planned.resolver->system ? "system" : planned.resolver->address.to_string());
            }
        }
        return asked;
    };
    const Round round = recorded_round("dns-nxdomain");
    const auto with = [&](const char* profile, bool system) {
        return resolvers(plan_with(round, [&](config::Endpoint& endpoint) {
            endpoint.profile = profile;
            endpoint.resolvers = {config::Resolver{system, *IpAddress::parse("10.0.0.2"), 53}};
        }));
    };
    EXPECT_EQ(with("", true), Names{});
    EXPECT_EQ(with("", false), Names{"system"});
    EXPECT_EQ(with("aws", true), Names{"169.254.169.253"});
    EXPECT_EQ(with("clickhouse-gcp", true), Names{"169.254.169.254"});
    EXPECT_EQ(with("clickhouse-azure", false), (Names{"system", "168.63.129.16"}));
}

TEST(Experiments, AskForASiblingInAZoneThatIsSomebodys) {
    const Round round = recorded_round("dns-nxdomain");
    const auto sibling = [&](const std::string& host) {
        for (const PlannedFollowUp& planned : plan_with(round, [&](config::Endpoint& endpoint) {
                 endpoint.profile.clear();
                 endpoint.host = host;
             })) {
            if (planned.kind == probes::FollowUp::sibling_label) {
                return planned.name;
            }
        }
        return std::string();
    };
    EXPECT_EQ(sibling("db.internal.example.org."), std::string(random_label) + ".internal.example.org");
    EXPECT_EQ(sibling("db.example.org"), "");
    EXPECT_EQ(sibling("db"), "");
}

// ---- the page ----

std::string words(FactSet facts) {
    std::string text;
    for (std::size_t i = 0; i < count_of<Fact>; ++i) {
        if (facts.contains(static_cast<Fact>(i))) {
            text += (text.empty() ? "`" : ", `") + std::string(slug(static_cast<Fact>(i))) + "`";
        }
    }
    return text;
}

std::string fact_text(std::optional<Fact> fact, const std::string& meaning) {
    return fact ? "`" + std::string(slug(*fact)) + "`: " + meaning : "nothing";
}

std::string pace_text(Pace pace) {
    switch (pace) {
        case Pace::passing:
            return " (passing rounds)";
        case Pace::passing_daily:
            return " (passing rounds, once a day)";
        default:
            return {};
    }
}

std::string page() {
    std::string text =
        "# Follow-up tests\n\n"
        "This page lists every follow-up test: when a round makes it, and what each result shows. A follow-up\n"
        "test is a further connection or query. It tells apart causes that explain a failure equally well.\n"
        "A failing round makes at most " +
        std::to_string(max_follow_ups) +
        " of them, in the order of the first table: first those that change\n"
        "something, then, by what these showed, the controls `control_port` and `repeat`. A passing round makes some\n"
        "too: they show which other clients are not served. `local_acceptor` reads the sockets of this host and\n"
        "connects only where the round has no connection of its own.\n\n"
        "The tables are printed from `checks/followups/table.cpp` and `checks/texts/followups.toml`; a test\n"
        "compares them with this page.\n\n"
        "## When a round makes which test\n\n"
        "A row applies when all facts of the first column hold and none of the second. The facts are those of\n"
        "`checks/table/facts.hpp`.\n\n"
        "| after | unless | test | tells apart |\n|---|---|---|---|\n";
    for (const FollowUpRow& row : follow_up_rows()) {
        text += "| " + words(row.when) + " | " + words(row.unless) + " | `" + std::string(slug(row.kind)) +
                "` | " + std::string(row.tells_apart) + pace_text(row.pace) + " |\n";
    }
    text +=
        "\n## What each result shows\n\n"
        "Each test differs from the ordinary probe of the same address in one thing. A test that gets further\n"
        "adds the first fact. The same failure adds the second. A failure where the ordinary probe passes adds\n"
        "the third. Any other failure, and any local error, adds nothing.\n\n"
        "| test | what is done | gets further | fails the same way | fails alone |\n|---|---|---|---|---|\n";
    for (const FollowUpText& entry : follow_up_texts()) {
        const FollowUpFacts& facts = follow_up_facts()[static_cast<std::size_t>(entry.kind)];
        text += "| `" + std::string(slug(entry.kind)) + "` | " + entry.done + " | `" +
                std::string(slug(facts.answered)) + "`: " + entry.if_answered + " | " +
                fact_text(facts.same, entry.if_same) + " | " + fact_text(facts.worse, entry.if_worse) +
                " |\n";
    }
    return text;
}

/// With WHYLINK_UPDATE_DOCS in the environment the page is rewritten.
TEST(Experiments, ThePageIsPrintedFromTheTables) {
    const std::string file = std::string(WHYLINK_CASES) + "/../../docs/reference/follow-up-tests.md";
    if (std::getenv("WHYLINK_UPDATE_DOCS") != nullptr) {
        std::ofstream(file) << page();
    }
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(), page());
}

}  // namespace
}  // namespace whylink::checks::test
