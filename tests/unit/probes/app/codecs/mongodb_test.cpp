#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exchange.hpp"

namespace whylink::probes {
namespace {

using std::string_literals::operator""s;

const AppRequest request = request_for(config::App::mongodb);

std::string number(std::size_t value) {
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(value >> shift);
    }
    return bytes;
}

std::string text(const std::string& name, const std::string& value) {
    return "\x02"s + name + "\0"s + number(value.size() + 1) + value + "\0"s;
}

std::string document(const std::string& elements) {
    return number(elements.size() + 5) + elements + "\0"s;
}

std::string reply(const std::string& elements) {
    const std::string message = number(7) + number(1) + number(2013) + "\0\0\0\0\0"s + document(elements);
    return number(message.size() + 4) + message;
}

const std::string ok = "\x01ok\0\0\0\0\0\0\0\xf0\x3f"s;
const std::string failed = "\x01ok\0\0\0\0\0\0\0\0\0"s;

TEST(Mongodb, SendsHello) {
    const std::string sent = exchange(request, "").sent;
    EXPECT_EQ(sent.size(), 16U + 5U + 31U);
    EXPECT_EQ(sent.substr(0, 4), number(sent.size()));
    EXPECT_EQ(sent.substr(12, 4), number(2013));
    EXPECT_EQ(sent.substr(21), "\x1f\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0"s);
}

TEST(Mongodb, NamesTheMembersOfItsReplicaSet) {
    const std::string hosts =
        document(text("0", "a.test:27017") + text("1", "[fd00::2]:27018") + text("2", "c.test"));
    const auto facts =
        exchange_anyhow(request, reply("\x08isWritablePrimary\0\x01"s + "\x04hosts\0"s + hosts +
                                       text("setName", "rs0") + "\x03topologyVersion\0"s + document("") + ok))
            .facts;
    EXPECT_EQ(facts.reply, AppReply::served);
    EXPECT_EQ(facts.said, "the primary of replica set rs0");
    EXPECT_EQ(facts.read_only, false);
    EXPECT_EQ(facts.referrals, (std::vector<Referral>{{ReferralKind::member, "a.test", 27017},
                                                      {ReferralKind::member, "fd00::2", 27018},
                                                      {ReferralKind::member, "c.test", 27017}}));
}

TEST(Mongodb, SaysWhatItIs) {
    EXPECT_EQ(exchange_anyhow(request, reply(text("msg", "isdbgrid") + ok)).facts.said, "mongos");
    const auto secondary =
        exchange_anyhow(request, reply("\x08secondary\0\x01"s + text("setName", "rs0") + ok)).facts;
    EXPECT_EQ(secondary.said, "a secondary of replica set rs0");
    EXPECT_EQ(secondary.read_only, true);
    EXPECT_EQ(exchange_anyhow(request, reply("\x08isreplicaset\0\x01"s + ok)).facts.reply,
              AppReply::cannot_serve);
}

TEST(Mongodb, IsRefusedInItsOwnCodes) {
    const auto refused = [](int code) {
        return exchange_anyhow(request, reply(failed + text("errmsg", "no") + "\x10"s + "code\0"s +
                                              number(static_cast<std::size_t>(code))))
            .facts;
    };
    EXPECT_EQ(refused(13).reply, AppReply::wants_credentials);
    EXPECT_EQ(refused(91).reply, AppReply::cannot_serve);
    EXPECT_EQ(refused(59).reply, AppReply::served);
    EXPECT_EQ(refused(1).reply, AppReply::unexpected);
    EXPECT_EQ(refused(1).said, "no");
    EXPECT_EQ(refused(1).status, 1);
}

TEST(Mongodb, KnowsWhatIsNotMongodb) {
    for (const std::string& bytes :
         {"HTTP/1.0 200 OK\r\n\r\n"s, "SSH-2.0-OpenSSH\r\n"s, std::string(32, '\0')}) {
        EXPECT_EQ(exchange_anyhow(request, bytes).facts.reply, AppReply::other_protocol) << bytes;
    }
    EXPECT_EQ(exchange_anyhow(request, "\x15\x03\x03\0\x02\x02\x46"s).facts.reply, AppReply::wants_tls);
}

TEST(Mongodb, ReadsNoFurtherThanADocumentGoes) {
    for (const std::string& elements :
         {"\x02x\0\xff\xff\xff\x7f"s, "\x02x\0\xff\xff\xff\xff"s, "\x04hosts\0\x01"s, "\x63y\0"s, "\x02"s}) {
        EXPECT_EQ(exchange_anyhow(request, reply(elements)).facts.reply, AppReply::unexpected);
    }
}

}  // namespace
}  // namespace whylink::probes
