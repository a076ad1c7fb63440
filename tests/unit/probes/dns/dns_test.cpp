#include "probes/dns/dns.hpp"

#include <ares.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dns_responder.hpp"

namespace whylink::probes {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using testing::closed_port;
using testing::ip;
using testing::Query;
using testing::Reply;
using testing::Responder;
using testing::Script;
using testing::StreamAnswer;
using testing::with_length;

using Datagrams = std::vector<Bytes>;
using Texts = std::vector<std::string>;

/// Long enough for the slowest machine where an answer is awaited; tests that wait for it to pass say so.
constexpr auto generous = 30s;
constexpr auto short_timeout = 300ms;

DnsProbe probe_of(const IpAddress& resolver, std::uint16_t port,
                  std::vector<RecordType> types = {RecordType::a}) {
    DnsProbe probe;
    probe.name = "db.example";
    probe.resolver = resolver;
    probe.resolver_port = port;
    probe.types = std::move(types);
    probe.timeout = generous;
    probe.retransmit = generous;
    return probe;
}

DnsProbe probe_of(const Responder& responder, std::vector<RecordType> types = {RecordType::a}) {
    return probe_of(responder.address(), responder.port(), std::move(types));
}

DnsProbe impatient(DnsProbe probe) {
    probe.timeout = short_timeout;
    return probe;
}

Observation run(asio::io_context& loop, DnsProbe probe) {
    std::optional<Observation> result;
    asio::co_spawn(loop, probe_dns(std::move(probe)),
                   [&](const std::exception_ptr& thrown, Observation observation) {
                       if (thrown) {
                           std::rethrow_exception(thrown);
                       }
                       result = std::move(observation);
                   });
    while (!result) {
        loop.run_one();
    }
    return *result;
}

const DnsFacts& facts(const Observation& observation) {
    return get<DnsFacts>(observation.facts);
}
const DnsQuery& only(const Observation& observation) {
    return facts(observation).queries.at(0);
}

Texts addresses(const DnsQuery& query) {
    Texts texts;
    for (const auto& answer : query.answers) {
        texts.push_back(answer.address.to_string());
    }
    return texts;
}

Bytes good_reply(const Query& query) {
    return query.reply().address(ip("10.0.0.4")).bytes();
}
Bytes truncated_reply(const Query& query) {
    return query.reply().truncated().bytes();
}

Reply many_addresses(const Query& query, int count) {
    Reply reply = query.reply();
    for (int i = 0; i < count; ++i) {
        reply.address(ip("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
    }
    return reply;
}

/// One question, one answer: what the query of a probe comes to.
class DnsProbeTest : public ::testing::Test {
  protected:
    DnsQuery ask(Script script) {
        Responder responder(loop, std::move(script));
        return only(run(loop, probe_of(responder)));
    }
    DnsQuery ask_impatiently(Script script) {
        Responder responder(loop, std::move(script));
        return only(run(loop, impatient(probe_of(responder))));
    }

    asio::io_context loop;
};

Script datagrams(std::function<Datagrams(const Query&)> replies) {
    Script script;
    script.datagrams = std::move(replies);
    return script;
}

Script truncated_then(std::function<StreamAnswer(const Query&)> stream) {
    Script script = datagrams([](const Query& query) { return Datagrams{truncated_reply(query)}; });
    script.stream = std::move(stream);
    return script;
}

TEST_F(DnsProbeTest, SaysWhoWasAskedForWhat) {
    Responder responder(loop, datagrams([](const Query& query) { return Datagrams{good_reply(query)}; }));
    DnsProbe probe = probe_of(responder);
    probe.name = "DB.Example.";
    probe.role = NameRole::known_label;
    probe.from_system = true;
    const auto before = WallClock::now();
    const auto observation = run(loop, probe);
    EXPECT_EQ(observation.stage, Stage::dns);
    EXPECT_GE(observation.started, before);
    EXPECT_LE(observation.started, WallClock::now());
    EXPECT_GT(observation.took.count(), 0);
    EXPECT_FALSE(observation.local);
    EXPECT_FALSE(observation.address);
    EXPECT_EQ(facts(observation).name, "db.example");
    EXPECT_EQ(facts(observation).role, NameRole::known_label);
    EXPECT_EQ(facts(observation).source, NameSource::resolver);
    EXPECT_EQ(facts(observation).resolver, ip("127.0.0.1"));
    EXPECT_EQ(facts(observation).resolver_port, responder.port());
    EXPECT_TRUE(facts(observation).from_system);
    EXPECT_EQ(responder.queries().at(0).name, "db.example");
    EXPECT_TRUE(responder.queries().at(0).edns);
}

TEST_F(DnsProbeTest, GivesTheAnswer) {
    const auto query = ask(datagrams([](const Query& asked) {
        return Datagrams{asked.reply()
                             .cname("db.example", "end.example")
                             .address("end.example", ip("10.0.0.4"), 60)
                             .bytes()};
    }));
    EXPECT_EQ(query.rcode, 0);
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_EQ(query.answers.at(0).ttl, 60U);
    EXPECT_EQ(query.cnames, Texts{"end.example"});
    EXPECT_EQ(query.sent, 1U);
    EXPECT_EQ(query.bad_replies, 0U);
    EXPECT_EQ(query.error, 0);
    EXPECT_FALSE(query.timed_out || query.truncated || query.over_tcp || query.without_edns);
    EXPECT_GT(query.took.count(), 0);
}

TEST_F(DnsProbeTest, AsksOverIpv6) {
    Responder responder(loop, datagrams([](const Query& query) { return Datagrams{good_reply(query)}; }),
                        "::1");
    EXPECT_EQ(addresses(only(run(loop, probe_of(responder)))), Texts{"10.0.0.4"});
}

struct RcodeCase {
    int rcode;
    const char* title;
};
void PrintTo(const RcodeCase& item, std::ostream* out) {
    *out << item.title;
}
class DnsProbeRcode : public DnsProbeTest, public ::testing::WithParamInterface<RcodeCase> {};

TEST_P(DnsProbeRcode, IsGivenAtOnce) {
    const auto query = ask(datagrams([](const Query& asked) {
        return Datagrams{asked.reply().rcode(static_cast<unsigned>(GetParam().rcode)).bytes()};
    }));
    EXPECT_EQ(query.rcode, GetParam().rcode);
    EXPECT_TRUE(query.answers.empty());
    EXPECT_EQ(query.sent, 1U);
    EXPECT_FALSE(query.timed_out);
}

std::string rcode_title(const ::testing::TestParamInfo<RcodeCase>& item) {
    return item.param.title;
}

INSTANTIATE_TEST_SUITE_P(Codes, DnsProbeRcode,
                         ::testing::Values(RcodeCase{ns_r_noerror, "NODATA"},
                                           RcodeCase{ns_r_nxdomain, "NXDOMAIN"},
                                           RcodeCase{ns_r_servfail, "SERVFAIL"},
                                           RcodeCase{ns_r_refused, "REFUSED"},
                                           RcodeCase{ns_r_notauth, "NOTAUTH"}),
                         rcode_title);

class DnsProbeBareHeader : public DnsProbeRcode {};

TEST_P(DnsProbeBareHeader, IsAnErrorToo) {
    const auto query = ask(datagrams([](const Query& asked) {
        return Datagrams{asked.reply().no_question().rcode(static_cast<unsigned>(GetParam().rcode)).bytes()};
    }));
    EXPECT_EQ(query.rcode, GetParam().rcode);
    EXPECT_FALSE(query.timed_out);
    EXPECT_EQ(query.bad_replies, 0U);
}

INSTANTIATE_TEST_SUITE_P(Codes, DnsProbeBareHeader,
                         ::testing::Values(RcodeCase{ns_r_servfail, "SERVFAIL"},
                                           RcodeCase{ns_r_refused, "REFUSED"},
                                           RcodeCase{ns_r_notimpl, "NOTIMP"}),
                         rcode_title);

// ---- EDNS ----

struct FormatErrorCase {
    const char* title;
    Bytes (*refusal)(const Query&);
};
void PrintTo(const FormatErrorCase& item, std::ostream* out) {
    *out << item.title;
}
class DnsProbeFormatError : public DnsProbeTest, public ::testing::WithParamInterface<FormatErrorCase> {};

TEST_P(DnsProbeFormatError, MakesItAskWithoutEdns) {
    const auto query = ask(datagrams([](const Query& asked) {
        return Datagrams{asked.edns ? GetParam().refusal(asked) : good_reply(asked)};
    }));
    EXPECT_EQ(query.rcode, 0);
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_TRUE(query.without_edns);
    EXPECT_EQ(query.sent, 2U);
    EXPECT_EQ(query.bad_replies, 0U);
}

TEST_P(DnsProbeFormatError, IsTheResultWhenItComesWithoutEdnsToo) {
    const auto query =
        ask(datagrams([](const Query& asked) { return Datagrams{GetParam().refusal(asked)}; }));
    EXPECT_EQ(query.rcode, ns_r_formerr);
    EXPECT_TRUE(query.without_edns);
    EXPECT_FALSE(query.timed_out);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, DnsProbeFormatError,
    ::testing::Values(
        FormatErrorCase{"Plain",
                        [](const Query& query) { return query.reply().rcode(ns_r_formerr).bytes(); }},
        FormatErrorCase{"WithTheOptRecordEchoed",
                        [](const Query& query) { return query.reply().rcode(ns_r_formerr).opt().bytes(); }},
        FormatErrorCase{"NotImplemented",
                        [](const Query& query) {
                            return query.reply().rcode(query.edns ? ns_r_notimpl : ns_r_formerr).bytes();
                        }},
        FormatErrorCase{
            "HeaderAlone",
            [](const Query& query) { return query.reply().no_question().rcode(ns_r_formerr).bytes(); }}),
    [](const auto& item) { return item.param.title; });

TEST_F(DnsProbeTest, NotImplementedIsTheResultWhenItComesWithoutEdnsToo) {
    const auto query = ask(
        datagrams([](const Query& asked) { return Datagrams{asked.reply().rcode(ns_r_notimpl).bytes()}; }));
    EXPECT_EQ(query.rcode, ns_r_notimpl);
    EXPECT_EQ(query.sent, 2U);
    EXPECT_FALSE(query.timed_out);
}

TEST_F(DnsProbeTest, ALateFormatErrorIsNotTakenForTheAnswerToThePlainQuery) {
    // The server is slow: it refuses both transmissions with EDNS at once, then answers the one without.
    Script script = datagrams([](const Query& query) {
        const Bytes refusal = query.reply().rcode(ns_r_formerr).bytes();
        return query.number == 2   ? Datagrams{refusal, refusal}
               : query.number == 3 ? Datagrams{good_reply(query)}
                                   : Datagrams{};
    });
    Responder responder(loop, std::move(script));
    DnsProbe probe = probe_of(responder);
    probe.retransmit = 20ms;
    const auto query = only(run(loop, probe));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_TRUE(query.without_edns);
}

// ---- truncation and TCP ----

TEST_F(DnsProbeTest, GoesOverToTcpWhenTruncated) {
    const auto query = ask(truncated_then([](const Query& asked) {
        return StreamAnswer{.bytes = with_length(many_addresses(asked, 200).bytes())};
    }));
    EXPECT_EQ(query.rcode, 0);
    EXPECT_EQ(query.answers.size(), 200U);
    EXPECT_TRUE(query.truncated);
    EXPECT_TRUE(query.over_tcp);
    EXPECT_EQ(query.sent, 1U);
}

TEST_F(DnsProbeTest, ReadsAMessageThatTcpCutsInPieces) {
    const auto query = ask(truncated_then([](const Query& asked) {
        const Bytes other = asked.reply().id(static_cast<std::uint16_t>(asked.id + 1)).bytes();
        return StreamAnswer{.bytes = with_length(other) + with_length(good_reply(asked))};
    }));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_EQ(query.bad_replies, 1U);
    EXPECT_NE(query.bad_reply.find("over TCP"), std::string::npos) << query.bad_reply;
}

TEST_F(DnsProbeTest, SaysThatTcpIsRefusedAfterTruncation) {
    const auto query = ask(truncated_then(nullptr));
    EXPECT_TRUE(query.truncated);
    EXPECT_FALSE(query.over_tcp);
    EXPECT_EQ(query.error, ECONNREFUSED);
    EXPECT_FALSE(query.rcode);
    EXPECT_TRUE(query.answers.empty());
    EXPECT_FALSE(query.timed_out);
}

TEST_F(DnsProbeTest, SaysThatTcpIsSilentAfterTruncation) {
    const auto query = ask_impatiently(truncated_then([](const Query&) { return StreamAnswer{}; }));
    EXPECT_TRUE(query.truncated);
    EXPECT_TRUE(query.timed_out);
    EXPECT_FALSE(query.rcode);
    EXPECT_EQ(query.error, 0);
}

TEST_F(DnsProbeTest, DoesNotSendAgainOnceTcpIsUnderWay) {
    Responder responder(loop, truncated_then([](const Query&) { return StreamAnswer{}; }));
    DnsProbe probe = impatient(probe_of(responder));
    probe.retransmit = 20ms;
    const auto query = only(run(loop, probe));
    EXPECT_TRUE(query.timed_out);
    EXPECT_EQ(query.sent, 1U);
}

struct StreamCase {
    const char* title;
    StreamAnswer (*answer)(const Query&);
    int error;
    const char* bad_reply;
};
void PrintTo(const StreamCase& item, std::ostream* out) {
    *out << item.title;
}
class DnsProbeBadStream : public DnsProbeTest, public ::testing::WithParamInterface<StreamCase> {};

TEST_P(DnsProbeBadStream, EndsTheQueryWithWhatWasWrong) {
    const auto query = ask(truncated_then(GetParam().answer));
    EXPECT_FALSE(query.rcode);
    EXPECT_TRUE(query.answers.empty());
    EXPECT_FALSE(query.timed_out);
    EXPECT_FALSE(query.over_tcp);
    EXPECT_EQ(query.error, GetParam().error);
    EXPECT_EQ(query.bad_reply, GetParam().bad_reply);
    EXPECT_EQ(query.bad_replies, query.bad_reply.empty() ? 0U : 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Streams, DnsProbeBadStream,
    ::testing::Values(
        StreamCase{"ClosedWithoutAReply",
                   [](const Query&) { return StreamAnswer{.bytes = {}, .close = true}; }, 0,
                   "the TCP connection was closed without a reply"},
        StreamCase{
            "ClosedAfterGarbage",
            [](const Query&) { return StreamAnswer{.bytes = with_length(Bytes(5, 0)), .close = true}; }, 0,
            "5 bytes, shorter than a DNS header, over TCP"},
        StreamCase{"ClosedInTheMiddle",
                   [](const Query& query) {
                       return StreamAnswer{.bytes = with_length(good_reply(query)).substr(0, 20),
                                           .close = true};
                   },
                   0, "the TCP connection was closed after 20 bytes of a reply"},
        StreamCase{"Reset", [](const Query&) { return StreamAnswer{.bytes = {}, .reset = true}; }, ECONNRESET,
                   ""},
        StreamCase{"Empty",
                   [](const Query&) {
                       return StreamAnswer{.bytes = {0, 0}};
                   },
                   0, "0 bytes, shorter than a DNS header, over TCP"},
        StreamCase{
            "Truncated",
            [](const Query& query) { return StreamAnswer{.bytes = with_length(truncated_reply(query))}; }, 0,
            "truncated, over TCP"},
        StreamCase{"Malformed",
                   [](const Query& query) {
                       return StreamAnswer{
                           .bytes = with_length(
                               query.reply().record(testing::pointer_to(12), ns_t_a, {1}).bytes())};
                   },
                   0, "an A record of 1 bytes, over TCP"}),
    [](const auto& item) { return item.param.title; });

TEST_F(DnsProbeTest, TakesAReplyLargerThanAdvertised) {
    const auto query =
        ask(datagrams([](const Query& asked) { return Datagrams{many_addresses(asked, 200).bytes()}; }));
    EXPECT_EQ(query.answers.size(), 200U);
    EXPECT_FALSE(query.truncated || query.over_tcp);
}

TEST_F(DnsProbeTest, GoesOverToTcpForAReplyLargerThanItsBuffer) {
    Script script =
        datagrams([](const Query& asked) { return Datagrams{many_addresses(asked, 400).bytes()}; });
    script.stream = [](const Query& asked) {
        return StreamAnswer{.bytes = with_length(many_addresses(asked, 400).bytes())};
    };
    const auto query = ask(std::move(script));
    EXPECT_EQ(query.answers.size(), 400U);
    int version = 0;
    ares_version(&version);
    EXPECT_TRUE(query.over_tcp || version > 0x011200) << "later ones have room for 64 KiB";
}

// ---- bad replies ----

struct GarbageCase {
    const char* title;
    Bytes (*reply)(const Query&);
    const char* reason;  ///< part of it
};
void PrintTo(const GarbageCase& item, std::ostream* out) {
    *out << item.title;
}
class DnsProbeGarbage : public DnsProbeTest, public ::testing::WithParamInterface<GarbageCase> {};

TEST_P(DnsProbeGarbage, IsRecordedUntilTheTimeIsUp) {
    const auto query =
        ask_impatiently(datagrams([](const Query& asked) { return Datagrams{GetParam().reply(asked)}; }));
    EXPECT_TRUE(query.timed_out);
    EXPECT_FALSE(query.rcode);
    EXPECT_TRUE(query.answers.empty());
    EXPECT_EQ(query.bad_replies, 1U);
    EXPECT_NE(query.bad_reply.find(GetParam().reason), std::string::npos) << query.bad_reply;
}

TEST_P(DnsProbeGarbage, GivesWayToAGoodReply) {
    const auto query = ask(datagrams([](const Query& asked) {
        return Datagrams{GetParam().reply(asked), good_reply(asked)};
    }));
    EXPECT_FALSE(query.timed_out);
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_EQ(query.bad_replies, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Replies, DnsProbeGarbage,
    ::testing::Values(
        GarbageCase{"Empty", [](const Query&) { return Bytes(); }, "0 bytes"},
        GarbageCase{"Short", [](const Query& query) { return good_reply(query).substr(0, 7); },
                    "7 bytes, shorter"},
        GarbageCase{"WrongId",
                    [](const Query& query) {
                        return query.reply().id(static_cast<std::uint16_t>(query.id + 1)).bytes();
                    },
                    "instead of 0x"},
        GarbageCase{"WrongName",
                    [](const Query& query) { return Reply(query.id, "other.example", query.type).bytes(); },
                    "question other.example. A instead of db.example. A"},
        GarbageCase{"TheQueryItself", [](const Query& query) { return query.reply().flags(0x0100).bytes(); },
                    "not a response"},
        GarbageCase{"CompressionLoop",
                    [](const Query& query) {
                        return query.reply().record(testing::pointer_to(28), ns_t_a, {10, 0, 0, 4}).bytes();
                    },
                    "a compression loop"},
        GarbageCase{"CutShort", [](const Query& query) { return good_reply(query).substr(0, 40); },
                    "its records do not end"},
        GarbageCase{
            "ChainInACircle",
            [](const Query& query) { return query.reply().cname("db.example", "db.example").bytes(); },
            "leads in a circle"},
        GarbageCase{"LargeNoise", [](const Query&) { return Bytes(9000, 0xa5); }, "id 0xa5a5 instead of"}),
    [](const auto& item) { return item.param.title; });

TEST_F(DnsProbeTest, SurvivesAFloodOfGarbage) {
    const auto query = ask(datagrams([](const Query& asked) {
        Datagrams flood(150, Bytes{1, 2, 3});
        flood.push_back(good_reply(asked));
        return flood;
    }));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_EQ(query.bad_replies, 150U);
}

TEST_F(DnsProbeTest, DoesNotHearAReplyFromAnotherAddress) {
    Script script = datagrams([](const Query& query) { return Datagrams{good_reply(query)}; });
    script.answer_from_elsewhere = true;
    const auto query = ask_impatiently(std::move(script));
    EXPECT_TRUE(query.timed_out);
    EXPECT_EQ(query.bad_replies, 0U);
    EXPECT_FALSE(query.rcode);
}

// ---- silence and retransmission ----

TEST_F(DnsProbeTest, SendsAgainWhileNobodyAnswers) {
    Responder responder(loop, Script());
    DnsProbe probe = impatient(probe_of(responder));
    probe.retransmit = 50ms;
    const auto query = only(run(loop, probe));
    EXPECT_TRUE(query.timed_out);
    EXPECT_GE(query.sent, 2U);
    EXPECT_FALSE(query.rcode);
    EXPECT_EQ(query.error, 0);
    EXPECT_GE(query.took, short_timeout);
}

TEST_F(DnsProbeTest, TakesTheAnswerToALaterTransmission) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.number < 3 ? Datagrams{} : Datagrams{good_reply(query)};
                        }));
    DnsProbe probe = probe_of(responder);
    probe.retransmit = 20ms;
    const auto query = only(run(loop, probe));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_GE(query.sent, 3U);
    EXPECT_FALSE(query.timed_out);
}

TEST_F(DnsProbeTest, TakesTheLateAnswerToTheFirstTransmission) {
    std::optional<Query> first;
    Responder responder(loop, datagrams([&](const Query& query) {
                            if (!first) {
                                first = query;
                                return Datagrams{};
                            }
                            return Datagrams{good_reply(*first)};
                        }));
    DnsProbe probe = probe_of(responder);
    probe.retransmit = 20ms;
    EXPECT_EQ(addresses(only(run(loop, probe))), Texts{"10.0.0.4"});
}

// The reply of a slow resolver goes to the port of the first transmission.
TEST_F(DnsProbeTest, KeepsItsPortWhenItSendsAgain) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.number < 4 ? Datagrams{} : Datagrams{good_reply(query)};
                        }));
    DnsProbe probe = probe_of(responder);
    probe.retransmit = 20ms;
    run(loop, probe);
    ASSERT_GE(responder.queries().size(), 4U);
    for (const Query& query : responder.queries()) {
        EXPECT_EQ(query.from_port, responder.queries().front().from_port);
    }
}

TEST_F(DnsProbeTest, OneTypeAnsweredAndTheOtherSilent) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.type == RecordType::a ? Datagrams{good_reply(query)} : Datagrams{};
                        }));
    const auto observation = run(loop, impatient(probe_of(responder, {RecordType::a, RecordType::aaaa})));
    const auto& queries = facts(observation).queries;
    ASSERT_EQ(queries.size(), 2U);
    EXPECT_EQ(queries[0].type, RecordType::a);
    EXPECT_EQ(addresses(queries[0]), Texts{"10.0.0.4"});
    EXPECT_FALSE(queries[0].timed_out);
    EXPECT_EQ(queries[1].type, RecordType::aaaa);
    EXPECT_TRUE(queries[1].timed_out);
    EXPECT_LT(queries[0].took, queries[1].took);
    EXPECT_EQ(observation.took, queries[1].took);
}

// ---- errors ----

class DnsProbeClosedPort : public DnsProbeTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(DnsProbeClosedPort, IsRefusedByIcmp) {
    const std::string address = GetParam();
    const auto observation =
        run(loop, probe_of(ip(address), closed_port(address), {RecordType::a, RecordType::aaaa}));
    EXPECT_FALSE(observation.local);
    for (const auto& query : facts(observation).queries) {
        const bool v6 = ip(address).is_v6();
        EXPECT_EQ(query.error, ECONNREFUSED);
        EXPECT_FALSE(query.timed_out);
        ASSERT_TRUE(query.icmp);
        EXPECT_EQ(query.icmp->v6, v6);
        EXPECT_EQ(query.icmp->type, v6 ? 1 : 3);
        EXPECT_EQ(query.icmp->code, v6 ? 4 : 3);
        EXPECT_EQ(query.icmp->sender, ip(address));
    }
}

INSTANTIATE_TEST_SUITE_P(Families, DnsProbeClosedPort, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& item) { return std::string(item.param) == "::1" ? "Ipv6" : "Ipv4"; });

TEST_F(DnsProbeTest, ANameThatCannotBeAskedIsALocalError) {
    DnsProbe probe = probe_of(ip("127.0.0.1"), closed_port("127.0.0.1"));
    probe.name = "db..example";
    const auto observation = run(loop, probe);
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->operation, "query for db..example");
    EXPECT_FALSE(observation.local->text.empty());
    EXPECT_EQ(only(observation).sent, 0U);
}

/// Allows no descriptors beyond those that are open.
class NoMoreDescriptors {
  public:
    explicit NoMoreDescriptors(int allowed = 0) {
        EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &saved_), 0);
        const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        EXPECT_GE(next, 0);
        ::close(next);
        rlimit lowered = saved_;
        lowered.rlim_cur = static_cast<rlim_t>(next) + static_cast<rlim_t>(allowed);
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
    }
    ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &saved_); }
    NoMoreDescriptors(const NoMoreDescriptors&) = delete;
    NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

  private:
    rlimit saved_{};
};

TEST_F(DnsProbeTest, WantOfDescriptorsIsALocalError) {
    Responder responder(loop, datagrams([](const Query& query) { return Datagrams{good_reply(query)}; }));
    const NoMoreDescriptors limit;
    const auto observation = run(loop, probe_of(responder, {RecordType::a, RecordType::aaaa}));
    ASSERT_TRUE(observation.local);
    EXPECT_EQ(observation.local->operation, "socket");
    EXPECT_EQ(observation.local->error, EMFILE);
    EXPECT_FALSE(observation.local->text.empty());
    EXPECT_EQ(only(observation).sent, 0U);
}

TEST_F(DnsProbeTest, WantOfDescriptorsForOneQueryLeavesTheOther) {
    Responder responder(loop, datagrams([](const Query& query) { return Datagrams{good_reply(query)}; }));
    const NoMoreDescriptors limit(1);
    const auto observation = run(loop, probe_of(responder, {RecordType::a, RecordType::aaaa}));
    EXPECT_FALSE(observation.local);
    EXPECT_EQ(addresses(only(observation)), Texts{"10.0.0.4"});
    EXPECT_EQ(facts(observation).queries.at(1).error, EMFILE);
    EXPECT_FALSE(facts(observation).queries.at(1).timed_out);
}

/// Runs the body on a thread of its own in a network namespace of its own, where nothing is set up.
template <class Body>
bool in_empty_network(Body body) {
    bool entered = false;
    std::thread([&] {
        entered = ::unshare(CLONE_NEWNET) == 0;
        if (entered) {
            body();
        }
    }).join();
    return entered;
}

TEST(DnsProbeRoutes, WithoutARouteNothingIsSent) {
    const bool entered = in_empty_network([] {
        for (const char* address : {"192.0.2.1", "2001:db8::1"}) {
            asio::io_context loop;
            const auto observation = run(loop, probe_of(ip(address), 53));
            EXPECT_FALSE(observation.local);
            EXPECT_EQ(only(observation).error, ENETUNREACH) << address;
            EXPECT_EQ(only(observation).sent, 0U);
            EXPECT_FALSE(only(observation).icmp);
            EXPECT_FALSE(only(observation).timed_out);
        }
    });
    if (!entered) {
        GTEST_SKIP() << "needs the right to make a network namespace";
    }
}

/// A packet filter between the query and a resolver on loopback.
struct FilterCase {
    const char* title;
    const char* hook;
    const char* verdict;
    int error;
    std::optional<std::pair<int, int>> icmp;  ///< type and code
};
void PrintTo(const FilterCase& item, std::ostream* out) {
    *out << item.title;
}
class DnsProbeFilter : public ::testing::TestWithParam<FilterCase> {};

TEST_P(DnsProbeFilter, IsToldByErrnoAndIcmp) {
    const auto& item = GetParam();
    const std::string rules =
        "ip link set lo up && nft add table ip t && nft 'add chain ip t c { type filter hook " +
        std::string(item.hook) + " priority 0; }' && nft 'add rule ip t c udp dport 53 " + item.verdict + "'";
    bool ruled = false;
    const bool entered = in_empty_network([&] {
        ruled = std::system(rules.c_str()) == 0;
        if (!ruled) {
            return;
        }
        asio::io_context loop;
        const auto observation = run(loop, probe_of(ip("127.0.0.1"), 53));
        EXPECT_FALSE(observation.local);
        EXPECT_EQ(only(observation).error, item.error);
        EXPECT_FALSE(only(observation).timed_out);
        ASSERT_EQ(only(observation).icmp.has_value(), item.icmp.has_value());
        if (item.icmp) {
            EXPECT_EQ(only(observation).sent, 1U);
            EXPECT_EQ(only(observation).icmp->type, item.icmp->first);
            EXPECT_EQ(only(observation).icmp->code, item.icmp->second);
        } else {
            EXPECT_EQ(only(observation).sent, 0U);
        }
    });
    if (!entered || !ruled) {
        GTEST_SKIP() << "needs the right to make a network namespace, and nft";
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DnsProbeFilter,
    ::testing::Values(FilterCase{"DropOnTheWayOut", "output", "drop", EPERM, std::nullopt},
                      FilterCase{"PortUnreachable", "input", "reject", ECONNREFUSED, std::pair(3, 3)},
                      FilterCase{"HostUnreachable", "input", "reject with icmp type host-unreachable",
                                 EHOSTUNREACH, std::pair(3, 1)},
                      FilterCase{"NetUnreachable", "input", "reject with icmp type net-unreachable",
                                 ENETUNREACH, std::pair(3, 0)},
                      FilterCase{"Prohibited", "input", "reject with icmp type admin-prohibited",
                                 EHOSTUNREACH, std::pair(3, 13)}),
    [](const auto& item) { return item.param.title; });

// ---- a device that drops some ways of asking ----

DnsProbe patient_between(DnsProbe probe) {
    probe.retransmit = 100ms;
    return probe;
}

TEST_F(DnsProbeTest, AfterASilenceItAsksWithoutEdnsToo) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.edns ? Datagrams{} : Datagrams{good_reply(query)};
                        }));
    const auto query = only(run(loop, patient_between(probe_of(responder))));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_TRUE(query.edns_unanswered);
    EXPECT_FALSE(query.without_edns);
    EXPECT_GE(query.sent, 3U);
    EXPECT_NE(responder.queries().at(0).id, responder.queries().at(2).id);
}

TEST_F(DnsProbeTest, AReplyToTheQueryWithEdnsIsPreferred) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.number == 1 ? Datagrams{} : Datagrams{good_reply(query)};
                        }));
    const auto query = only(run(loop, patient_between(probe_of(responder))));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_FALSE(query.edns_unanswered);
}

TEST_F(DnsProbeTest, AtTheEndTheReplyWithoutEdnsIsTakenAtOnce) {
    Responder responder(loop, datagrams([](const Query& query) {
                            return query.edns ? Datagrams{} : Datagrams{good_reply(query)};
                        }));
    DnsProbe probe = probe_of(responder);
    probe.timeout = 300ms;
    probe.retransmit = 250ms;
    const auto query = only(run(loop, probe));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_FALSE(query.timed_out);
}

TEST_F(DnsProbeTest, ATruncatedReplyWithoutEdnsLeadsToTcp) {
    Script script = datagrams(
        [](const Query& query) { return query.edns ? Datagrams{} : Datagrams{truncated_reply(query)}; });
    script.stream = [](const Query& query) { return StreamAnswer{.bytes = with_length(good_reply(query))}; };
    Responder responder(loop, std::move(script));
    const auto query = only(run(loop, patient_between(probe_of(responder))));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_TRUE(query.edns_unanswered && query.over_tcp && query.truncated);
}

TEST_F(DnsProbeTest, AsksOverTcpFromTheStart) {
    Script script;
    script.stream = [](const Query& query) { return StreamAnswer{.bytes = with_length(good_reply(query))}; };
    Responder responder(loop, std::move(script));
    DnsProbe probe = probe_of(responder);
    probe.way.over_tcp = true;
    const auto query = only(run(loop, probe));
    EXPECT_EQ(addresses(query), Texts{"10.0.0.4"});
    EXPECT_TRUE(query.asked_over_tcp && query.over_tcp);
    EXPECT_FALSE(query.truncated);
}

TEST_F(DnsProbeTest, NamesWhoRepliesInTheResolversPlace) {
    Script script = datagrams([](const Query& query) { return Datagrams{good_reply(query)}; });
    script.answer_from_elsewhere = true;
    Responder responder(loop, std::move(script));
    const auto query = only(run(loop, impatient(patient_between(probe_of(responder)))));
    EXPECT_TRUE(query.timed_out);
    EXPECT_FALSE(query.rcode);
    EXPECT_EQ(query.reply_from, ip("127.0.0.2"));
}

// ---- lifetimes ----

TEST_F(DnsProbeTest, ACancelledProbeEndsWithWhatItSaw) {
    Responder responder(loop, Script());
    asio::cancellation_signal signal;
    std::optional<Observation> result;
    asio::co_spawn(
        loop, probe_dns(probe_of(responder)),
        asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&, Observation observation) {
            result = std::move(observation);
        }));
    while (responder.queries().empty()) {
        loop.run_one();
    }
    signal.emit(asio::cancellation_type::terminal);
    while (!result) {
        loop.run_one();
    }
    EXPECT_EQ(only(*result).sent, 1U);
    EXPECT_FALSE(only(*result).timed_out);
}

TEST(DnsProbeLifetime, ALoopThatIsGoneTakesItsProbesAlong) {
    auto loop = std::make_unique<asio::io_context>();
    Responder responder(*loop, truncated_then([](const Query&) { return StreamAnswer{}; }));
    asio::co_spawn(*loop, probe_dns(probe_of(responder, {RecordType::a, RecordType::aaaa})),
                   [](const std::exception_ptr&, const Observation&) { ADD_FAILURE() << "ended"; });
    while (responder.queries().size() < 4) {
        loop->run_one();
    }
    loop->stop();
}

TEST_F(DnsProbeTest, LeavesNoDescriptorBehind) {
    Responder responder(loop, truncated_then([](const Query& query) {
                            return StreamAnswer{.bytes = with_length(good_reply(query))};
                        }));
    const auto open_descriptors = [] {
        const std::filesystem::directory_iterator descriptors("/proc/self/fd");
        return std::distance(begin(descriptors), end(descriptors));
    };
    run(loop, probe_of(responder));  // what the loop keeps is opened now
    const auto before = open_descriptors();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(addresses(only(run(loop, probe_of(responder)))), Texts{"10.0.0.4"});
        EXPECT_EQ(only(run(loop, probe_of(ip("127.0.0.1"), closed_port("127.0.0.1")))).error, ECONNREFUSED);
    }
    // The responder keeps its own end of each TCP connection.
    EXPECT_EQ(open_descriptors(), before + 20);
}

}  // namespace
}  // namespace whylink::probes
