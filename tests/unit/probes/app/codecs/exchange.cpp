#include "exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/outside_text.hpp"

namespace whylink::probes {
namespace {

using Next = Codec::Next;

void settle(Codec& codec, Exchanged& exchanged) {
    while (exchanged.next == Next::start_tls) {
        exchanged.next = codec.tls_started(exchanged.sent);
    }
}

void expect_same(const Exchanged& one, const Exchanged& other) {
    EXPECT_EQ(one.sent, other.sent);
    EXPECT_EQ(one.next, other.next);
    EXPECT_EQ(one.facts.protocol, other.facts.protocol);
    EXPECT_EQ(one.facts.reply, other.facts.reply);
    EXPECT_EQ(one.facts.said, other.facts.said);
    EXPECT_EQ(one.facts.status, other.facts.status);
    EXPECT_EQ(one.facts.server, other.facts.server);
    EXPECT_EQ(one.facts.referrals, other.facts.referrals);
    EXPECT_EQ(one.facts.read_only, other.facts.read_only);
}

}  // namespace

Exchanged exchange(const AppRequest& request, std::string_view reply, bool ends, std::size_t piece) {
    Exchanged exchanged;
    const auto codec = make_codec(request);
    exchanged.next = codec->start(exchanged.sent);
    settle(*codec, exchanged);
    while (exchanged.next == Next::read && !reply.empty()) {
        const auto part = reply.substr(0, piece == 0 ? reply.size() : piece);
        exchanged.next = codec->received(part, exchanged.sent);
        settle(*codec, exchanged);
        reply.remove_prefix(part.size());
    }
    if (ends && exchanged.next == Next::read) {
        codec->ended();
    }
    codec->report(exchanged.facts);
    return exchanged;
}

Exchanged exchange_anyhow(const AppRequest& request, std::string_view reply, bool ends) {
    Exchanged whole = exchange(request, reply, ends);
    for (const std::size_t piece : {1U, 2U, 7U}) {
        SCOPED_TRACE(piece);
        expect_same(exchange(request, reply, ends, piece), whole);
    }
    constexpr std::size_t max_said = 200;
    constexpr std::size_t for_mark = 40;
    EXPECT_LE(whole.facts.said.size(), max_said + for_mark);
    EXPECT_EQ(whole.facts.said, printable(whole.facts.said));
    EXPECT_EQ(whole.facts.server, printable(whole.facts.server));
    return whole;
}

void expect_no_other_reply_of_a_beginning(const AppRequest& request, std::string_view reply, AppReply whole) {
    for (std::size_t size = 0; size < reply.size(); ++size) {
        const AppReply got = exchange(request, reply.substr(0, size), true).facts.reply;
        EXPECT_TRUE(got == AppReply::none || got == whole) << "the first " << size << " bytes";
    }
}

}  // namespace whylink::probes
