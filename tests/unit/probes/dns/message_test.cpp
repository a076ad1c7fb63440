#include "probes/dns/message.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "config/outside_text.hpp"
#include "dns_bytes.hpp"

namespace whylink::probes {
namespace {

using testing::Bytes;
using testing::ip;
using testing::pointer_to;
using testing::Reply;
using testing::wire_name;

const DnsQuestion question{.id = 0x1234, .name = "db.example", .type = RecordType::a};

Reply reply() {
    return {question.id, question.name, question.type};
}

DnsReply good(const Bytes& message, const DnsQuestion& asked = question) {
    auto read = read_reply(message, asked);
    if (const auto* bad = std::get_if<BadReply>(&read)) {
        ADD_FAILURE() << "a bad reply: " << bad->reason;
        return {};
    }
    return std::get<DnsReply>(std::move(read));
}

std::vector<std::string> addresses(const DnsReply& reply) {
    std::vector<std::string> texts;
    for (const auto& answer : reply.answers) {
        texts.push_back(answer.address.to_string());
    }
    return texts;
}

using Texts = std::vector<std::string>;

TEST(DnsMessage, ReadsAddressesWithTheirTtl) {
    const auto read = good(reply().address(ip("10.0.0.4"), 300).address(ip("10.0.0.5"), 60).bytes());
    EXPECT_EQ(read.rcode, 0);
    EXPECT_EQ(addresses(read), (Texts{"10.0.0.4", "10.0.0.5"}));
    EXPECT_EQ(read.answers.at(0).ttl, 300U);
    EXPECT_EQ(read.answers.at(1).ttl, 60U);
    EXPECT_TRUE(read.cnames.empty());
}

TEST(DnsMessage, CountsTheRecordsOfEachSectionWithoutOpt) {
    const auto read = good(reply()
                               .cname("db.example", "end.example")
                               .address("end.example", ip("10.0.0.4"))
                               .authority("example", ns_t_ns, wire_name("ns.example"))
                               .additional(wire_name("ns.example"), ns_t_a, {10, 0, 0, 2})
                               .opt()
                               .bytes());
    EXPECT_EQ(read.records.answer, 2U);
    EXPECT_EQ(read.records.authority, 1U);
    EXPECT_EQ(read.records.additional, 1U);
}

TEST(DnsMessage, ReadsIpv6Addresses) {
    const DnsQuestion asked{.id = 7, .name = "db.example", .type = RecordType::aaaa};
    const auto read = good(Reply(7, "db.example", RecordType::aaaa).address(ip("fd00::4")).bytes(), asked);
    EXPECT_EQ(addresses(read), Texts{"fd00::4"});
}

TEST(DnsMessage, ComparesNamesWithoutRegardToCase) {
    const Reply mixed(question.id, "Db.eXample", RecordType::a);
    EXPECT_EQ(addresses(good(Reply(mixed).address("dB.Example", ip("10.0.0.4")).bytes())), Texts{"10.0.0.4"});
}

TEST(DnsMessage, FollowsTheCnameChainInWhateverOrderItComes) {
    const auto read = good(reply()
                               .address("end.example", ip("10.0.0.4"), 20)
                               .cname("mid.example", "end.example")
                               .cname("db.example", "MID.example")
                               .bytes());
    EXPECT_EQ(read.cnames, (Texts{"mid.example", "end.example"}));
    EXPECT_EQ(addresses(read), Texts{"10.0.0.4"});
    EXPECT_EQ(read.answers.at(0).ttl, 20U);
}

TEST(DnsMessage, GivesTheChainThatEndsWithoutAnAddress) {
    const auto read = good(reply().cname("db.example", "gone.example").rcode(ns_r_nxdomain).bytes());
    EXPECT_EQ(read.rcode, ns_r_nxdomain);
    EXPECT_EQ(read.cnames, Texts{"gone.example"});
    EXPECT_TRUE(read.answers.empty());
}

TEST(DnsMessage, PassesOverRecordsOfOtherNamesTypesAndClasses) {
    Bytes chaos = reply().address(ip("10.9.9.9")).address(ip("10.0.0.4")).bytes();
    chaos.at(NS_HFIXEDSZ + wire_name(question.name).size() + NS_QFIXEDSZ + 2 + 3) =
        3;  // the first one's class
    EXPECT_EQ(addresses(good(chaos)), Texts{"10.0.0.4"});
    const auto read = good(reply()
                               .address("other.example", ip("10.9.9.9"))
                               .address(ip("fd00::9"))
                               .record(pointer_to(12), ns_t_txt, {1, 'x'})
                               .address(ip("10.0.0.4"))
                               .bytes());
    EXPECT_EQ(addresses(read), Texts{"10.0.0.4"});
}

TEST(DnsMessage, ReadsTheUpperBitsOfTheRcodeFromTheOptRecord) {
    EXPECT_EQ(good(reply().opt(1).bytes()).rcode, 16);  // BADVERS
    EXPECT_EQ(good(reply().rcode(3).opt().bytes()).rcode, 3);
}

TEST(DnsMessage, CountsATtlWithTheTopBitAsZero) {
    EXPECT_EQ(good(reply().address(ip("10.0.0.4"), 0x80000000U).bytes()).answers.at(0).ttl, 0U);
    EXPECT_EQ(good(reply().address(ip("10.0.0.4"), 0x7fffffffU).bytes()).answers.at(0).ttl, 0x7fffffffU);
}

TEST(DnsMessage, ReadsNothingBehindTheQuestionOfATruncatedReply) {
    Bytes message = reply().truncated().address(ip("10.0.0.4")).bytes();
    message.resize(message.size() - 3);
    const auto read = good(message);
    EXPECT_TRUE(read.truncated);
    EXPECT_TRUE(read.answers.empty());
}

TEST(DnsMessage, TakesABareHeaderForAnErrorButNotForAnAnswer) {
    EXPECT_EQ(good(reply().no_question().rcode(ns_r_refused).bytes()).rcode, ns_r_refused);
    EXPECT_TRUE(std::holds_alternative<BadReply>(read_reply(reply().no_question().bytes(), question)));
}

TEST(DnsMessage, ReadsTwoHundredRecords) {
    Reply many = reply();
    for (int i = 0; i < 200; ++i) {
        many.address(ip("10.0.0." + std::to_string(i)));
    }
    const auto read = good(many.bytes());
    ASSERT_EQ(read.answers.size(), 200U);
    EXPECT_EQ(read.answers.back().address.to_string(), "10.0.0.199");
}

struct BadCase {
    const char* title;
    Bytes message;
    std::string reason;
};
void PrintTo(const BadCase& item, std::ostream* out) {
    *out << item.title;
}

std::vector<BadCase> bad_cases() {
    const Bytes self_pointer = pointer_to(NS_HFIXEDSZ);
    const std::size_t records_at = NS_HFIXEDSZ + wire_name(question.name).size() + NS_QFIXEDSZ;
    const Bytes long_name = [] {
        Bytes name;
        for (int i = 0; i < 5; ++i) {
            name += std::uint8_t{63} + Bytes(63, 'x');
        }
        return name + std::uint8_t{0};
    }();
    Bytes looping_question = reply().bytes();
    looping_question.replace(NS_HFIXEDSZ, 2, self_pointer);
    Bytes cut = reply().address(ip("10.0.0.4")).bytes();
    cut.pop_back();
    Bytes cut_question = reply().bytes();
    cut_question.resize(cut_question.size() - 2);
    const Bytes four{10, 0, 0, 4};
    Bytes labels;
    for (int i = 0; i < 130; ++i) {
        labels += Bytes{1, 'x'};
    }
    Bytes pointers = pointer_to(12);
    for (std::size_t i = 1; i < 40; ++i) {
        pointers += pointer_to(records_at + 12 + 2 * (i - 1));
    }
    return {
        {"nothing", {}, "0 bytes, shorter than a DNS header"},
        {"eleven bytes", reply().bytes().substr(0, 11), "11 bytes, shorter than a DNS header"},
        {"another id", reply().id(0x5678).bytes(), "id 0x5678 instead of 0x1234"},
        {"a query", reply().flags(0x0100).bytes(), "not a response"},
        {"a notify", reply().flags(0xa400).bytes(), "opcode 4 instead of 0"},
        {"no question", reply().no_question().bytes(), "no question"},
        {"two questions", reply().questions(2).bytes(), "2 questions instead of 1"},
        {"another name", Reply(question.id, "other.example", RecordType::a).bytes(),
         "question other.example. A instead of db.example. A"},
        {"another type", Reply(question.id, "db.example", RecordType::aaaa).bytes(),
         "question db.example. AAAA instead of db.example. A"},
        {"an odd type", Reply(question.id, "db.example", 16U).bytes(),
         "question db.example. type 16 instead of db.example. A"},
        {"a header alone that has a question", reply().bytes().substr(0, 12),
         "a name that runs past the end in the question"},
        {"a question cut short", cut_question, "the question is cut short"},
        {"a question that points to itself", looping_question, "a compression loop in the question"},
        {"an owner that points to itself", reply().record(pointer_to(records_at), ns_t_a, four).bytes(),
         "a compression loop in record 1"},
        {"an owner whose tail is itself",
         reply()
             .address(ip("10.0.0.4"))
             .record(Bytes{1, 'x'} + pointer_to(records_at + 16), ns_t_a, four)
             .bytes(),
         "a compression loop in record 2"},
        {"an owner by way of too many pointers",
         reply()
             .record(pointer_to(12), ns_t_txt, pointers)
             .record(pointer_to(records_at + 12 + 78), ns_t_a, four)
             .bytes(),
         "a name of more than 32 compression pointers in record 2"},
        // The record's own name follows the labels, without a root between.
        {"an owner by way of too many labels",
         reply()
             .record(pointer_to(12), ns_t_txt, labels)
             .record(pointer_to(records_at + 12), ns_t_a, four)
             .bytes(),
         "a name of more than 255 bytes in record 2"},
        {"an owner behind the end", reply().record(pointer_to(16000), ns_t_a, four).bytes(),
         "a name that runs past the end in record 1"},
        {"an owner of 320 bytes", reply().record(long_name, ns_t_a, four).bytes(),
         "a name of more than 255 bytes in record 1"},
        {"a record cut short", cut, "its records do not end where the message of 43 bytes ends"},
        {"bytes behind the last record", reply().address(ip("10.0.0.4")).bytes() + Bytes{1, 2, 3},
         "its records do not end where the message of 47 bytes ends"},
        {"an address of three bytes", reply().record(pointer_to(12), ns_t_a, {10, 0, 0}).bytes(),
         "an A record of 3 bytes"},
        {"an address of 16 bytes", reply().record(pointer_to(12), ns_t_a, Bytes(16, 1)).bytes(),
         "an A record of 16 bytes"},
        {"a CNAME that loops",
         reply().record(pointer_to(12), ns_t_cname, pointer_to(records_at + 12)).bytes(),
         "a compression loop in a CNAME record"},
        {"an empty CNAME record",
         reply().record(pointer_to(12), ns_t_cname, {}).address(ip("10.0.0.4")).bytes(),
         "a name that runs past its record in a CNAME record"},
        {"a chain to itself", reply().cname("db.example", "db.example").bytes(),
         "the CNAME chain of db.example. leads in a circle"},
        {"a chain in a circle",
         reply()
             .cname("db.example", "a.example")
             .cname("a.example", "b.example")
             .cname("b.example", "a.example")
             .bytes(),
         "the CNAME chain of db.example. leads in a circle"},
        {"addresses of another name alone", reply().address("other.example", ip("10.0.0.4")).bytes(),
         "A records of other.example. but none of db.example."},
        {"addresses beside the end of the chain",
         reply().cname("db.example", "end.example").address("db.example", ip("10.0.0.4")).bytes(),
         "A records of db.example. but none of end.example."},
    };
}

class BadDnsMessage : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadDnsMessage, SaysWhatIsWrong) {
    const auto read = read_reply(GetParam().message, question);
    ASSERT_TRUE(std::holds_alternative<BadReply>(read));
    EXPECT_EQ(std::get<BadReply>(read).reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Cases, BadDnsMessage, ::testing::ValuesIn(bad_cases()), [](const auto& item) {
    std::string title = item.param.title;
    for (char& character : title) {
        character = character == ' ' ? '_' : character;
    }
    return title;
});

TEST(DnsMessage, EveryPrefixOfAReplyIsReadWithoutHarm) {
    const Bytes whole =
        reply().cname("db.example", "end.example").address("end.example", ip("10.0.0.4")).opt().bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        // A copy of exactly this size, so that a byte read behind it is seen.
        const std::vector<std::uint8_t> prefix(whole.begin(),
                                               whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_TRUE(std::holds_alternative<BadReply>(read_reply(prefix, question))) << size << " bytes";
    }
    EXPECT_TRUE(std::holds_alternative<DnsReply>(read_reply(whole, question)));
}

// ---- what stands beside the answers ----

TEST(DnsMessage, ReadsTheZoneOfANegativeAnswer) {
    const auto read = good(reply().rcode(ns_r_nxdomain).soa("Example", "NS1.example", 300, 41).bytes());
    ASSERT_TRUE(read.authority);
    EXPECT_EQ(read.authority->zone, "example");
    EXPECT_EQ(read.authority->server, "ns1.example");
    EXPECT_EQ(read.authority->ttl, 41U);
    EXPECT_EQ(read.authority->minimum, 300U);
    EXPECT_FALSE(read.referral);
}

TEST(DnsMessage, TakesNoZoneBesideAnAnswer) {
    EXPECT_FALSE(good(reply().address(ip("10.0.0.4")).soa("example", "ns1.example", 300).bytes()).authority);
}

TEST(DnsMessage, PassesABrokenSoaOver) {
    const auto read =
        good(reply().rcode(ns_r_nxdomain).authority("example", ns_t_soa, wire_name("ns1.example")).bytes());
    EXPECT_EQ(read.rcode, ns_r_nxdomain);
    EXPECT_FALSE(read.authority);
}

TEST(DnsMessage, ReadsNothingBehindANameThatCannotBeReadInTheAdditionalSection) {
    const auto of_labels = [](std::size_t count) {
        Bytes name;
        for (std::size_t i = 0; i < count; ++i) {
            name += Bytes{1, 'x'};
        }
        return name + std::uint8_t{0};
    };
    EXPECT_EQ(good(reply().additional(of_labels(127), ns_t_txt, {}).opt(1).bytes()).rcode, 16)
        << "the longest name that there is";
    EXPECT_EQ(good(reply().additional(of_labels(128), ns_t_txt, {}).opt(1).bytes()).rcode, 0);
    EXPECT_EQ(good(reply()
                       .additional(Bytes{3, 'a'}.append(2, 'b') + pointer_to(0x3fff), ns_t_txt, {})
                       .opt(1)
                       .bytes())
                  .rcode,
              0);
}

TEST(DnsMessage, TellsAReferralFromNodata) {
    const Bytes server = wire_name("ns.db.example");
    EXPECT_TRUE(good(reply().authority("db.example", ns_t_ns, server).bytes()).referral);
    EXPECT_FALSE(good(reply().bytes()).referral);
    EXPECT_FALSE(
        good(reply().authority("db.example", ns_t_ns, server).soa("example", "ns.example", 60).bytes())
            .referral);
    EXPECT_FALSE(
        good(reply().address(ip("10.0.0.4")).authority("db.example", ns_t_ns, server).bytes()).referral);
}

TEST(DnsMessage, ReadsTheFlags) {
    EXPECT_TRUE(good(reply().flags(0x8580).bytes()).authoritative);
    EXPECT_FALSE(good(reply().bytes()).authoritative);
    EXPECT_TRUE(good(reply().flags(0x8100).bytes()).without_recursion);
    EXPECT_FALSE(good(reply().bytes()).without_recursion);
}

TEST(DnsMessage, ReadsExtendedErrors) {
    const Bytes cookie = testing::bytes_16(10) + testing::bytes_16(3) + Bytes(3, 0xaa);
    const auto read =
        good(reply()
                 .rcode(ns_r_servfail)
                 .opt(0, cookie + testing::extended_error(6, "no DS") + testing::extended_error(22, ""))
                 .bytes());
    ASSERT_EQ(read.extended_errors.size(), 2U);
    EXPECT_EQ(read.extended_errors[0].code, 6);
    EXPECT_EQ(read.extended_errors[0].text, "no DS");
    EXPECT_EQ(read.extended_errors[1].code, 22);
    EXPECT_EQ(read.extended_errors[1].text, "");
}

TEST(DnsMessage, BoundsExtendedErrors) {
    Bytes options;
    for (unsigned i = 0; i < 20; ++i) {
        options += testing::extended_error(i, std::string(500, 'x'));
    }
    const auto read = good(reply().rcode(ns_r_servfail).opt(0, options).bytes());
    EXPECT_EQ(read.extended_errors.size(), max_extended_errors);
    EXPECT_EQ(read.extended_errors[0].text, std::string(max_extra_text, 'x') + "… (300 B left out)");
}

TEST(DnsMessage, AnExtraTextHasNoControlsAndIsUtf8) {
    const Bytes option = testing::extended_error(22, "é\n<0>PRIORITY=0\x1b[2J\xff");
    const auto read = good(reply().rcode(ns_r_servfail).opt(0, option).bytes());
    EXPECT_EQ(read.extended_errors.at(0).text, "é\\x0a<0>PRIORITY=0\\x1b[2J\\xff");
}

TEST(DnsMessage, OfALongChainTheFirstNamesAndTheLastAreKept) {
    Reply message = reply();
    std::string owner = question.name;
    constexpr int length = 1000;
    for (int i = 0; i < length; ++i) {
        const std::string target = "n" + std::to_string(i) + ".example";
        message.cname(owner, target);
        owner = target;
    }
    const auto read = good(message.address(owner, ip("10.0.0.4")).bytes());
    EXPECT_EQ(addresses(read), Texts{"10.0.0.4"});
    ASSERT_EQ(read.cnames.size(), max_cnames);
    EXPECT_EQ(read.cnames.front(), "n0.example");
    EXPECT_EQ(read.cnames[max_cnames - 2], "n30.example");
    EXPECT_EQ(read.cnames.back(), "n999.example");
    EXPECT_EQ(read.cnames_left_out, length - max_cnames);
}

TEST(DnsMessage, AnOrdinaryReplyLeavesNothingOut) {
    const auto read =
        good(reply().cname("db.example", "a.example").address("a.example", ip("10.0.0.4")).bytes());
    EXPECT_EQ(read.answers_left_out, 0U);
    EXPECT_EQ(read.cnames_left_out, 0U);
    EXPECT_EQ(read.targets_left_out, 0U);
}

TEST(DnsMessage, ManyAddressesAreCounted) {
    Reply message = reply();
    constexpr unsigned count = 2000;
    for (unsigned i = 0; i < count; ++i) {
        message.address(
            IpAddress::v4({10, 0, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)}));
    }
    const auto read = good(message.bytes());
    EXPECT_EQ(read.answers.size(), max_answers);
    EXPECT_EQ(read.answers_left_out, count - max_answers);
    EXPECT_EQ(addresses(read).front(), "10.0.0.0");
}

/// As text each byte is an escape of four characters: 1,008 of them.
Bytes name_of_odd_bytes() {
    Bytes name;
    for (const unsigned size : {63U, 63U, 63U, 61U}) {
        name += static_cast<std::uint8_t>(size);
        name += Bytes(size, std::uint8_t{1});
    }
    return name + Bytes(1, std::uint8_t{0});
}

TEST(DnsMessage, ANameOfOddBytesIsCutAndStillLeadsOn) {
    const auto read = good(reply()
                               .record(pointer_to(NS_HFIXEDSZ), ns_t_cname, name_of_odd_bytes())
                               .record(name_of_odd_bytes(), ns_t_a, {10, 0, 0, 4})
                               .bytes());
    EXPECT_EQ(addresses(read), Texts{"10.0.0.4"});
    ASSERT_EQ(read.cnames.size(), 1U);
    EXPECT_TRUE(is_cut(read.cnames[0])) << read.cnames[0];
    EXPECT_LT(read.cnames[0].size(), 600U);
}

TEST(DnsMessage, WhatIsWrongWithAReplyIsSaidInBoundedWords) {
    const auto read = read_reply(Reply(question.id, "x", question.type).bytes(), question);
    EXPECT_LT(std::get<BadReply>(read).reason.size(), 600U);
    Bytes other = Reply(question.id, "x", question.type).bytes();
    other.replace(NS_HFIXEDSZ, wire_name("x").size(), name_of_odd_bytes());
    const auto odd = read_reply(other, question);
    EXPECT_TRUE(is_cut(std::get<BadReply>(odd).reason)) << std::get<BadReply>(odd).reason;
}

TEST(DnsMessage, AnOptionThatIsCutShortEndsTheList) {
    const Bytes cut = testing::bytes_16(15) + testing::bytes_16(40) + testing::bytes_16(6);
    EXPECT_TRUE(good(reply().rcode(ns_r_servfail).opt(0, cut).bytes()).extended_errors.empty());
    EXPECT_TRUE(
        good(reply().rcode(ns_r_servfail).opt(0, testing::bytes_16(15)).bytes()).extended_errors.empty());
}

const DnsQuestion service{.id = 0x1234, .name = "_mongodb._tcp.db.example", .type = RecordType::srv};

TEST(DnsMessage, ReadsSrvTargets) {
    const auto read = good(Reply(service.id, service.name, service.type)
                               .srv(service.name, 27017, "N1.example")
                               .srv(service.name, 27018, "")
                               .bytes(),
                           service);
    ASSERT_EQ(read.targets.size(), 2U);
    EXPECT_EQ(read.targets[0].priority, 1);
    EXPECT_EQ(read.targets[0].weight, 2);
    EXPECT_EQ(read.targets[0].port, 27017);
    EXPECT_EQ(read.targets[0].name, "n1.example");
    EXPECT_EQ(read.targets[1].name, "");
}

TEST(DnsMessage, RefusesAnSrvRecordThatIsCutShort) {
    const auto read = read_reply(Reply(service.id, service.name, service.type)
                                     .record(wire_name(service.name), ns_t_srv, testing::bytes_16(1))
                                     .bytes(),
                                 service);
    ASSERT_TRUE(std::holds_alternative<BadReply>(read));
    EXPECT_EQ(std::get<BadReply>(read).reason, "an SRV record of 2 bytes");
}

}  // namespace
}  // namespace whylink::probes
