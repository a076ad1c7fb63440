#include "support/dns_server.hpp"

#include <arpa/nameser.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>

#include "client.hpp"

namespace whylink::lab {
namespace {

const Place loopback{nullptr, IpAddress::v4({127, 0, 0, 1}), 0};

std::string query(const std::string& name, std::uint16_t type, bool edns = false) {
    std::string message("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00", 11);
    message += edns ? '\x01' : '\x00';
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        message += static_cast<char>(end - begin) + name.substr(begin, end - begin);
        begin = end + 1;
    }
    message += std::string("\x00\x00", 2) + static_cast<char>(type) + std::string("\x00\x01", 2);
    if (edns) {
        message += std::string("\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00", 11);
    }
    return message;
}

// A reply as glibc's own reader sees it; nothing when that refuses it.
struct Reply {
    std::string bytes;
    ns_msg message{};

    static std::optional<Reply> read(std::string bytes) {
        Reply reply{std::move(bytes)};
        const auto* data = reinterpret_cast<const unsigned char*>(reply.bytes.data());
        if (ns_initparse(data, static_cast<int>(reply.bytes.size()), &reply.message) != 0) {
            return std::nullopt;
        }
        return reply;
    }
    int rcode() const { return ns_msg_getflag(message, ns_f_rcode); }
    bool truncated() const { return ns_msg_getflag(message, ns_f_tc) != 0; }
    int answers() const { return ns_msg_count(message, ns_s_an); }
};

class DnsServer : public testing::Test {
  protected:
    std::uint16_t serve(const std::string& zone) {
        return start_dns_server(loop_, loopback, DnsZone::parse(zone));
    }

    static std::string ask(std::uint16_t port, const std::string& message) {
        const Client client(SOCK_DGRAM, port);
        client.send(message);
        return client.receive().first;
    }

    static std::string ask_tcp(std::uint16_t port, const std::string& message) {
        const Client client(SOCK_STREAM, port);
        client.send(std::string(1, '\0') + static_cast<char>(message.size()) + message);
        std::string framed = client.receive().first;
        while (!framed.empty() && framed.size() < 2 + size_of(framed)) {
            framed += client.receive().first;
        }
        return framed.empty() ? framed : framed.substr(2);
    }

    static std::size_t size_of(const std::string& framed) {
        return static_cast<std::size_t>(static_cast<unsigned char>(framed[0]) << 8 |
                                        static_cast<unsigned char>(framed[1]));
    }

  private:
    ServerLoop loop_;
};

TEST_F(DnsServer, AnswersOverUdpAndTcp) {
    const auto port = serve("db.test A 10.0.0.4");
    for (const std::string& bytes : {ask(port, query("db.test", 1)), ask_tcp(port, query("db.test", 1))}) {
        const auto reply = Reply::read(bytes);
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->rcode(), ns_r_noerror);
        EXPECT_EQ(reply->answers(), 1);
        EXPECT_TRUE(bytes.ends_with(std::string("\x0a\x00\x00\x04", 4)));
    }
}

TEST_F(DnsServer, GivesEachRcode) {
    const auto port = serve(
        "ok.test TXT x\nfail.test FAULT servfail\nno.test FAULT refused\nform.test FAULT formerr\n"
        "imp.test FAULT notimp\n");
    const auto rcode = [&](const std::string& name) {
        return Reply::read(ask(port, query(name, 1)))->rcode();
    };
    EXPECT_EQ(rcode("ok.test"), ns_r_noerror);
    EXPECT_EQ(rcode("gone.test"), ns_r_nxdomain);
    EXPECT_EQ(rcode("fail.test"), ns_r_servfail);
    EXPECT_EQ(rcode("no.test"), ns_r_refused);
    EXPECT_EQ(rcode("form.test"), ns_r_formerr);
    EXPECT_EQ(rcode("imp.test"), ns_r_notimpl);
}

TEST_F(DnsServer, TruncatesWhatDoesNotFit) {
    const auto port = serve("db.test A 10.0.0.4\nALL FAULT many");
    EXPECT_TRUE(Reply::read(ask(port, query("db.test", 1)))->truncated());
    const auto over_tcp = Reply::read(ask_tcp(port, query("db.test", 1)));
    ASSERT_TRUE(over_tcp);
    EXPECT_EQ(over_tcp->answers(), 201);
}

TEST_F(DnsServer, TruncatesOnPurpose) {
    const auto port = serve("db.test A 10.0.0.4\nALL FAULT truncated_tcp_closed");
    EXPECT_TRUE(Reply::read(ask(port, query("db.test", 1)))->truncated());
    EXPECT_EQ(ask_tcp(port, query("db.test", 1)), "");
}

TEST_F(DnsServer, RefusesEdnsOnly) {
    const auto port = serve("db.test A 10.0.0.4\nALL FAULT no_edns");
    EXPECT_EQ(Reply::read(ask(port, query("db.test", 1, true)))->rcode(), ns_r_formerr);
    EXPECT_EQ(Reply::read(ask(port, query("db.test", 1, false)))->answers(), 1);
}

TEST_F(DnsServer, SendsWhatIsNoReply) {
    const auto port = serve(
        "g.test FAULT garbage\nh.test FAULT no_header\ni.test FAULT wrong_id\nq.test FAULT wrong_question\n"
        "c.test FAULT cut_record\nl.test FAULT loop\ne.test FAULT not_a_response\nn.test FAULT no_question\n");
    EXPECT_FALSE(Reply::read(ask(port, query("g.test", 1))));
    EXPECT_EQ(ask(port, query("h.test", 1)).size(), 5U);
    EXPECT_NE(ask(port, query("i.test", 1)).substr(0, 2), "\x12\x34");
    EXPECT_EQ(ask(port, query("q.test", 1)).find("\x01q\x04test"), std::string::npos);
    EXPECT_FALSE(Reply::read(ask(port, query("c.test", 1))));
    EXPECT_EQ(ask(port, query("e.test", 1)), query("e.test", 1));
    EXPECT_EQ(ns_msg_count(Reply::read(ask(port, query("n.test", 1)))->message, ns_s_qd), 0);

    const auto loop = ask(port, query("l.test", 1));
    const std::size_t pointer = query("l.test", 1).size();
    EXPECT_EQ(loop.substr(pointer, 2), std::string("\xc0") + static_cast<char>(pointer));
}

TEST_F(DnsServer, LosesTheFirstQueryOnly) {
    const auto port = serve("db.test A 10.0.0.4\ndb.test FAULT drops_first");
    const Client client(SOCK_DGRAM, port);
    client.send(query("db.test", 1));
    client.send(query("db.test", 1));
    EXPECT_EQ(Reply::read(client.receive().first)->answers(), 1);
    char byte = 0;
    EXPECT_EQ(recv(client.fd(), &byte, 1, MSG_DONTWAIT), -1) << "one reply to two queries";
}

TEST_F(DnsServer, SendsABadReplyBeforeTheGoodOne) {
    const auto port = serve("db.test A 10.0.0.4\nALL FAULT wrong_id_then_good");
    const Client client(SOCK_DGRAM, port);
    client.send(query("db.test", 1));
    EXPECT_NE(client.receive().first.substr(0, 2), "\x12\x34");
    EXPECT_EQ(client.receive().first.substr(0, 2), "\x12\x34");
}

TEST_F(DnsServer, IsSilentForOneTypeAndAnswersTheOther) {
    const auto port = serve("db.test A 10.0.0.4\nALL FAULT silent AAAA");
    const Client client(SOCK_DGRAM, port);
    client.send(query("db.test", 28));
    client.send(query("db.test", 1));
    EXPECT_EQ(Reply::read(client.receive().first)->answers(), 1) << "of the second query";
}

}  // namespace
}  // namespace whylink::lab
