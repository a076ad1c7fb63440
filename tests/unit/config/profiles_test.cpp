#include "config/profiles.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "config/embedded.hpp"
#include "config/host_pattern.hpp"
#include "config/profile_file.hpp"

namespace whylink::config {
namespace {

TEST(Profiles, AreFoundByTheirUniqueNames) {
    std::set<std::string_view> names;
    for (const Profile& profile : profiles()) {
        EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
        EXPECT_EQ(find_profile(profile.name), &profile);
        EXPECT_FALSE(profile.title.empty());
        EXPECT_NE(profile.provider, Provider::generic) << profile.name;
    }
    EXPECT_EQ(find_profile("clickhouse"), nullptr);
    EXPECT_EQ(find_profile(""), nullptr);
}

TEST(Profiles, AreTheFilesOfTheFolder) {
    std::set<std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(WHYLINK_SOURCE_DIR) + "/config/profiles")) {
        if (entry.path().extension() == ".toml") {
            files.insert(entry.path().stem().string());
        }
    }
    std::set<std::string> built_in;
    for (const EmbeddedToml& file : builtin_profiles()) {
        EXPECT_NE(find_profile(file.name), nullptr) << file.name << " has another name inside";
        built_in.emplace(file.name);
    }
    EXPECT_EQ(built_in, files);
}

TEST(Profiles, SayWhatIsWorthKnowing) {
    for (const Profile& profile : profiles()) {
        EXPECT_FALSE(profile.sources.empty()) << profile.name;
        EXPECT_FALSE(profile.limits.empty()) << profile.name;
        EXPECT_FALSE(profile.remedies.empty()) << profile.name;
        EXPECT_FALSE(profile.endpoint_id.empty()) << profile.name;
        EXPECT_FALSE(profile.service.empty()) << profile.name;
        for (const char* look : {"healthy", "pending", "not_allowed"}) {
            EXPECT_TRUE(profile.looks.contains(look)) << profile.name << " " << look;
        }
        for (const Remedy& remedy : profile.remedies) {
            EXPECT_FALSE(remedy.steps.empty()) << profile.name << " " << remedy.cause;
        }
    }
}

TEST(Profiles, ThoseOfAServiceBuildOnTheirCloud) {
    for (const Profile& profile : profiles()) {
        const Profile* base = base_of(profile);
        if (profile.extends.empty()) {
            EXPECT_EQ(base, nullptr);
            continue;
        }
        ASSERT_NE(base, nullptr) << profile.name;
        EXPECT_EQ(base->provider, profile.provider) << profile.name;
        EXPECT_TRUE(profile.name.ends_with(base->name)) << profile.name;
    }
}

TEST(Profiles, RepeatNoMistakeOfThePages) {
    for (const EmbeddedToml& file : builtin_profiles()) {
        for (const char* mistake : {".cloud.cloud", "packages", "191.210.82.246", "EQMX"}) {
            EXPECT_EQ(file.toml.find(mistake), std::string_view::npos) << file.name << " " << mistake;
        }
    }
}

TEST(Profiles, OnlyClickHouseDocumentsAnAllowListThatResets) {
    for (const Profile& profile : profiles()) {
        EXPECT_EQ(profile.has_allow_list, profile.name.starts_with("clickhouse-")) << profile.name;
    }
}

TEST(Profiles, ClickHouseIsNativeTlsFirst) {
    for (const char* name : {"clickhouse-aws", "clickhouse-azure", "clickhouse-gcp"}) {
        const Profile* profile = find_profile(name);
        ASSERT_NE(profile, nullptr);
        ASSERT_FALSE(profile->ports.empty());
        EXPECT_EQ(profile->ports.front(), 9440);
        EXPECT_TRUE(profile->tls);
        // The page's own test is the handshake.
        EXPECT_EQ(profile->app, App::none);
    }
}

TEST(Profiles, SomePortsSpeakAnotherProtocol) {
    EXPECT_EQ(app_at(*find_profile("clickhouse-gcp"), 9440), App::none);
    EXPECT_EQ(app_at(*find_profile("clickhouse-gcp"), 3306), App::mysql);
    EXPECT_EQ(app_at(*find_profile("emqx-azure"), 6379), App::redis);
    EXPECT_EQ(app_at(*find_profile("emqx-azure"), 9092), App::none);
}

// ---- host names ----

struct HostRow {
    const char* host;
    const char* profile;  ///< "": none
    const char* zone;
    const char* public_host;
};

class ProfileOfHost : public testing::TestWithParam<HostRow> {};

TEST_P(ProfileOfHost, IsTheClosest) {
    const HostRow& row = GetParam();
    const Profile* profile = profile_for_host(row.host);
    EXPECT_EQ(profile == nullptr ? "" : profile->name, row.profile) << row.host;
    if (profile == nullptr) {
        return;
    }
    const auto match = match_host(*profile, row.host);
    ASSERT_TRUE(match) << row.host;
    EXPECT_EQ(match->zone, row.zone);
    EXPECT_EQ(match->public_host, row.public_host);
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, ProfileOfHost,
    testing::Values(
        HostRow{"abcd.westus3.privatelink.azure.clickhouse.cloud", "clickhouse-azure",
                "westus3.privatelink.azure.clickhouse.cloud", "abcd.westus3.azure.clickhouse.cloud"},
        HostRow{"ABCD.WestUS3.PrivateLink.Azure.ClickHouse.Cloud.", "clickhouse-azure",
                "westus3.privatelink.azure.clickhouse.cloud", "abcd.westus3.azure.clickhouse.cloud"},
        HostRow{"abcd.us-east-1.vpce.aws.clickhouse.cloud", "clickhouse-aws",
                "us-east-1.vpce.aws.clickhouse.cloud", "abcd.us-east-1.aws.clickhouse.cloud"},
        HostRow{"abcd.us-central1.p.gcp.clickhouse.cloud", "clickhouse-gcp",
                "us-central1.p.gcp.clickhouse.cloud", "abcd.us-central1.gcp.clickhouse.cloud"},
        // The identifiers of Adobe's page are not hexadecimal.
        HostRow{"vpce-007ffnb9qkcnjgult-yfhmywqh.vpce-svc-083cqvm2ta3rxqat5v.us-east-1.vpce.amazonaws.com",
                "aws", "", ""},
        HostRow{"vpce-0fe5b17a0707d6abc-29p5708s-us-east-1a.ec2.us-east-1.vpce.amazonaws.com", "aws", "", ""},
        HostRow{"bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", "aws", "", ""},
        HostRow{"mydb.privatelink.database.windows.net", "azure", "", ""},
        HostRow{"storage-vialink1.p.googleapis.com", "gcp", "", ""},
        // Not private names, not host names, or whose cloud the name does not tell.
        HostRow{"abcd.westus3.azure.clickhouse.cloud", "", "", ""},
        HostRow{"abcd.westus3.privatelink.azure.clickhouse.cloud.cloud", "", "", ""},
        HostRow{"westus3.privatelink.azure.clickhouse.cloud", "", "", ""},
        HostRow{"com.amazonaws.vpce.us-east-1.vpce-svc-083cqvm2ta3rxqat5v", "", "", ""},
        HostRow{"vpce-svc-083cqvm2ta3rxqat5v.us-east-1.vpce.amazonaws.com", "", "", ""},
        HostRow{"acme.privatelink.snowflakecomputing.com", "", "", ""}, HostRow{"10.0.0.4", "", "", ""},
        HostRow{"fd00::4", "", "", ""}, HostRow{"", "", "", ""}, HostRow{".", "", "", ""},
        HostRow{"...", "", "", ""}, HostRow{"db.example.com", "", "", ""}));

TEST(HostPattern, TellsThePublicNameOfAServiceFromItsPrivateOne) {
    const Profile& azure = *find_profile("clickhouse-azure");
    EXPECT_TRUE(is_public_host(azure, "ABCD.westus3.azure.clickhouse.cloud."));
    for (const char* host : {"abcd.westus3.privatelink.azure.clickhouse.cloud",
                             "abcd.us-east-1.aws.clickhouse.cloud", "db.example.com", ""}) {
        EXPECT_FALSE(is_public_host(azure, host)) << host;
    }
    EXPECT_FALSE(is_public_host(*find_profile("azure"), "abcd.westus3.azure.clickhouse.cloud"));
}

TEST(HostPattern, ANameMayStandForPartOfALabelOrForMany) {
    Profile profile;
    profile.hosts = {"{name*}.vpce-{id}x.{service*}.example.com"};
    profile.zone = "{service*}.{id}.example.com";
    const auto match = match_host(profile, "a.b.vpce-12x.c.d.example.com");
    ASSERT_TRUE(match);
    EXPECT_EQ(match->labels,
              (std::map<std::string, std::string>{{"id", "12"}, {"name", "a.b"}, {"service", "c.d"}}));
    EXPECT_EQ(match->zone, "c.d.12.example.com");
    EXPECT_EQ(match->public_host, "");
    for (const char* host : {"vpce-12x.c.example.com", "a.vpce-x.c.example.com", "a.vpce-12.c.example.com",
                             "a.vpce-12x.example.com", "a.vpce-12x.c.example.org"}) {
        EXPECT_FALSE(match_host(profile, host)) << host;
    }
}

/// Each {name*} may end anywhere: tried one after the other, the ways are more than anyone can wait for.
TEST(HostPattern, ThatFitsInManyWaysIsSoonDone) {
    std::string pattern;
    for (char name = 'a'; name <= 'z'; ++name) {
        pattern += std::string("{") + name + "*}.";
    }
    Profile profile;
    profile.hosts = {pattern + "y.x"};
    ASSERT_EQ(pattern_fault(profile.hosts.front()), std::nullopt);
    std::string host;
    for (int label = 0; label < 100; ++label) {
        host += "a.";
    }
    EXPECT_FALSE(match_host(profile, host + "y.z.x"));
    const auto match = match_host(profile, host + "y.x");
    ASSERT_TRUE(match);
    EXPECT_EQ(match->labels.at("a"), "a");
    EXPECT_EQ(match->labels.at("z").size(), 2 * 75 - 1);
}

TEST(HostPattern, SaysWhatIsWrong) {
    EXPECT_EQ(pattern_fault("{a}.{b}.example.com"), std::nullopt);
    EXPECT_EQ(pattern_fault("vpce-{id}.{rest*}.example.com"), std::nullopt);
    for (const char* bad : {"", "{a}", "{a}.{b*}", "a..b", "{a.b}.example.com", "{a}{b}.example.com",
                            "x{a*}.example.com", "{A}.example.com", "{}.example.com", "{a}.{a}.example.com",
                            "}a{.example.com", "{a}.exa mple.com", "a*.example.com"}) {
        EXPECT_NE(pattern_fault(bad), std::nullopt) << bad;
    }
}

TEST(Profiles, AreFoundByAZone) {
    Zone zone;
    zone.zone = "westus3.privatelink.azure.clickhouse.cloud.";
    EXPECT_EQ(profile_of(zone), find_profile("clickhouse-azure"));
    zone.zone = "privatelink.database.windows.net";
    EXPECT_EQ(profile_of(zone), find_profile("azure"));
    for (const char* other :
         {"privatelink.azure.clickhouse.cloud", "example.com", "azure.clickhouse.cloud"}) {
        zone.zone = other;
        EXPECT_EQ(profile_of(zone), nullptr) << other;
    }
}

// ---- the form ----

std::vector<std::string> faults(const std::string& toml) {
    std::vector<Problem> problems;
    static_cast<void>(read_profile(toml, problems));
    std::vector<std::string> texts;
    texts.reserve(problems.size());
    for (const Problem& problem : problems) {
        texts.push_back(std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
                        problem.message);
    }
    return texts;
}

using Faults = std::vector<std::string>;

TEST(ProfileFile, PrintedIsReadAgainAlike) {
    for (const Profile& profile : profiles()) {
        std::vector<Problem> problems;
        const ProfileDraft again = read_profile(profile_toml(profile), problems);
        for (const Problem& problem : problems) {
            ADD_FAILURE() << profile.name << ": " << problem.message;
        }
        EXPECT_EQ(again.profile, profile) << profile.name;
        // Read as one that extends, it takes over nothing that the printed one has not.
        ProfileDraft inherited = again;
        if (const Profile* base = base_of(profile)) {
            inherit(inherited, *base);
        }
        EXPECT_EQ(inherited.profile, profile) << profile.name;
    }
}

TEST(ProfileFile, SaysWhatIsWrongAndWhere) {
    const std::string good = "name = \"acme\"\ntitle = \"Acme\"\n";
    EXPECT_EQ(faults(good), Faults{});
    EXPECT_EQ(
        faults(""),
        (Faults{
            "1:1: name: missing; add 1 to 64 lower-case letters, digits, \"-\" and \"_\", but not \"none\", "
            "such as \"acme-redis\"",
            "1:1: title: missing; add 1 to 2000 bytes of text without control characters"}));
    EXPECT_EQ(faults(good + "port = [1]\n"), Faults{"3:1: port: unknown key; did you mean \"ports\"?"});
    EXPECT_EQ(faults(good + "ports = [80, 0]\n"),
              Faults{"3:14: ports: 0 is out of range; use an array of ports from 1 to 65535, such as [443]"});
    EXPECT_EQ(faults(good + "app = \"expect\"\n").size(), 1U);
    EXPECT_EQ(faults(good + "hosts = [\"{a}\"]\n").size(), 1U);
    EXPECT_EQ(
        faults(good + "hosts = [\"{a}.example.com\"]\nzone = \"{b}.example.com\"\n"),
        Faults{
            "4:8: zone: {b} is not in every entry of \"hosts\"; use a name with no placeholders but those in every "
            "entry of \"hosts\""});
    EXPECT_EQ(faults(good + "[looks]\nunhealthy = \"x\"\n").size(), 1U);
    EXPECT_EQ(faults(good + "[port_apps]\nabc = \"http\"\n").size(), 1U);
    EXPECT_EQ(faults(good + "[[remedy]]\ncause = \"syn_unaswered\"\nsteps = [\"x\"]\n"),
              Faults{"4:9: remedy.cause: \"syn_unaswered\" is not valid; did you mean \"syn_unanswered\"?"});
    EXPECT_EQ(faults(good + "[[remedy]]\ncause = \"no_route\"\n").size(), 1U);
    EXPECT_EQ(
        faults(good + "[[remedy]]\ncause = \"no_route\"\nside = \"left\"\nsteps = [\"a\\nb\"]\n").size(), 2U);
    EXPECT_EQ(faults(good + "remedy = 1\n").size(), 1U);
    EXPECT_EQ(faults("name = \"none\"\ntitle = \"\"\n").size(), 2U);
    EXPECT_EQ(faults("name = \n").size(), 1U);
}

const std::string good_profile = "name = \"acme\"\ntitle = \"Acme\"\n";

TEST(ProfileFile, AnUnknownKeyGetsTheNearestOneOfItsTableWhereOneIsNear) {
    EXPECT_EQ(
        faults(good_profile + "interval = \"5s\"\n"),
        Faults{
            "3:1: interval: unknown key; /usr/share/doc/whylink/reference/profiles.md lists the keys of a profile"});
    // "host" is a key of a config's tables, which a profile has not.
    EXPECT_EQ(faults(good_profile + "host = \"x\"\n"),
              Faults{"3:1: host: unknown key; did you mean \"hosts\"?"});
    EXPECT_EQ(faults(good_profile + "[[remedy]]\ncause = \"no_route\"\nstep = [\"a\"]\nsteps = [\"a\"]\n"),
              Faults{"5:1: remedy.step: unknown key; did you mean \"steps\"?"});
    EXPECT_EQ(
        faults(good_profile + "[looks]\nunhealthy = \"x\"\n"),
        Faults{
            "4:1: looks: \"unhealthy\" is not a known key; use one of \"healthy\", \"pending\", \"not_allowed\", "
            "\"zone_not_linked\""});
}

TEST(ProfileFile, AValueOfTheWrongTypeIsToldWhatItMustBe) {
    const std::string prose = "use 1 to 2000 bytes of text without control characters";
    const std::string texts = "use an array of texts, each 1 to 2000 bytes without control characters";
    const std::string apps =
        "use one of none, http, clickhouse, redis, mqtt, postgres, mysql, mongodb, kafka, tds";
    const std::string ports = "use an array of ports from 1 to 65535, such as [443]";
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"provider = 1", "provider: 1 is not valid; use one of generic, aws, azure, gcp"},
        {"extends = 1", "extends: 1 is not valid; use the name of a profile, such as \"clickhouse-azure\""},
        {"ports = 1", "ports: 1 is not valid; " + ports},
        {"ports = [\"a\"]", "ports: \"a\" is not valid; " + ports},
        {"ports = [1, 1]", "ports: 1 is listed twice; remove one"},
        {"tls = \"a\"", "tls: \"a\" is not valid; use true or false"},
        {"app = \"expect\"", "app: \"expect\" is not valid; " + apps},
        {"app = \"mysqll\"", "app: \"mysqll\" is not valid; did you mean \"mysql\"?"},
        {"port_apps = 1", "port_apps: 1 is not a table; use ports as keys, such as { 8443 = \"http\" }"},
        {"port_apps = { x = \"http\" }",
         "port_apps: \"x\" is not a port; use ports as keys, such as 8443 = \"http\""},
        {"hosts = 1",
         "hosts: 1 is not valid; use an array of host names, which may have placeholders, such as "
         "[\"{instance}.example.com\"]"},
        {"zone = 1",
         "zone: 1 is not valid; use a name with no placeholders but those in every entry of \"hosts\", such as "
         "\"{instance}.example.com\""},
        {"endpoint_id = 1", "endpoint_id: 1 is not valid; " + prose},
        {"service = \"\"", "service: \"\" is not valid; " + prose},
        {"limits = 1", "limits: 1 is not valid; " + texts},
        {"sources = [1]", "sources: 1 is not valid; " + texts},
        {"looks = 1",
         "looks: 1 is not valid; use a table of strings: healthy, pending, not_allowed, zone_not_linked"},
        {"looks = { pending = 1 }", "looks: \"pending\" is 1; " + prose},
        {"remedy = 1", "remedy: 1 is not valid; use an array of tables [[remedy]]"},
        {"remedy = [1]", "remedy: 1 is not valid; use an array of tables [[remedy]]"},
    };
    for (const auto& [line, message] : rows) {
        const Faults found = faults(good_profile + line + "\n");
        ASSERT_EQ(found.size(), 1U) << line;
        EXPECT_EQ(found.front().substr(found.front().find(' ') + 1), message);
    }
}

TEST(ProfileFile, ARemedyIsCheckedAsATableOfItsOwn) {
    const std::string steps = "use an array of texts, each 1 to 2000 bytes without control characters";
    EXPECT_EQ(
        faults(good_profile + "[[remedy]]\n[[remedy]]\ncause = \"no_route\"\nside = \"left\"\ncomplete = 1\n"
                              "steps = [\"\", \"a\", 2]\n"),
        (Faults{
            "3:1: remedy.cause: missing; add the slug of a cause, as `whylink explain` lists them, such as "
            "\"syn_unanswered\"",
            "3:1: remedy.steps: missing; add an array of texts, each 1 to 2000 bytes without control characters",
            "6:8: remedy.side: \"left\" is not valid; use one of either, consumer, provider",
            "7:12: remedy.complete: 1 is not valid; use true or false",
            "8:10: remedy.steps: \"\" is not valid; " + steps,
            "8:19: remedy.steps: 2 is not valid; " + steps}));
}

TEST(ProfileFile, EveryBadEntryIsToldAndTheGoodOnesAreKept) {
    std::vector<Problem> problems;
    const ProfileDraft draft = read_profile(
        good_profile +
            "ports = [80, 0, 80, 65536, 443]\nlimits = [\"\", \"a\"]\nhosts = [\"{a}\", \"x.{a}.example.com\"]\n"
            "[port_apps]\n0 = \"http\"\n80 = \"http\"\n81 = \"expect\"\n",
        problems);
    EXPECT_EQ(problems.size(), 7U);
    EXPECT_EQ(draft.profile.ports, (std::vector<std::uint16_t>{80, 443}));
    EXPECT_EQ(draft.profile.limits, std::vector<std::string>{"a"});
    EXPECT_EQ(draft.profile.hosts, std::vector<std::string>{"x.{a}.example.com"});
    EXPECT_EQ(draft.profile.port_apps.at(80), App::http);
}

/// As many as a file can hold cost no more than reading them.
TEST(ProfileFile, ManyBadEntriesAreReadInOneGo) {
    constexpr int count = 65'535;
    std::string ports;
    for (int round = 0; round < 2; ++round) {
        for (int port = 1; port <= count; ++port) {
            ports += std::to_string(port) + ",";
        }
    }
    std::vector<Problem> problems;
    const ProfileDraft draft = read_profile(good_profile + "ports = [" + ports + "]\n", problems);
    EXPECT_EQ(problems.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(draft.profile.ports.size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace whylink::config
