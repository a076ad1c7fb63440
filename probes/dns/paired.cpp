#include "probes/dns/paired.hpp"

#include <arpa/nameser.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "config/dns_name.hpp"
#include "probes/dns/message.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {
namespace {

using asio::ip::udp;
using Clock = std::chrono::steady_clock;
constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);

constexpr std::size_t max_datagram = 4096;

void put_16(std::vector<std::uint8_t>& message, unsigned value) {
    message.push_back(static_cast<std::uint8_t>(value >> 8));
    message.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

/// RFC 1035 section 4.1: a header with RD, and the question. Empty for what is no name.
std::vector<std::uint8_t> query_message(const DnsQuestion& question) {
    constexpr unsigned recursion_desired = 0x0100;
    std::vector<std::uint8_t> message;
    for (const unsigned value : {unsigned{question.id}, recursion_desired, 1U, 0U, 0U, 0U}) {
        put_16(message, value);
    }
    for (const std::string_view label : labels_of(question.name)) {
        if (label.empty() || label.size() > NS_MAXLABEL) {
            return {};
        }
        message.push_back(static_cast<std::uint8_t>(label.size()));
        message.insert(message.end(), label.begin(), label.end());
    }
    message.push_back(0);
    put_16(message, wire_type(question.type));
    put_16(message, ns_c_in);
    return message;
}

/// Its queries, their ids, and what came back.
class Pair {
  public:
    explicit Pair(const std::string& name) {
        std::array<std::uint16_t, 2> ids{};
        // Four bytes are never cut short (getrandom(2)).
        [[maybe_unused]] const ssize_t got = getrandom(ids.data(), sizeof ids, 0);
        ids[1] = ids[0] == ids[1] ? static_cast<std::uint16_t>(ids[1] + 1) : ids[1];
        questions_ = {DnsQuestion{ids[0], name, RecordType::a}, DnsQuestion{ids[1], name, RecordType::aaaa}};
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            queries_[i].type = questions_[i].type;
            queries_[i].timed_out = true;
        }
    }

    bool complete() const { return std::ranges::none_of(queries_, &DnsQuery::timed_out); }
    std::vector<DnsQuery> take() { return {queries_.begin(), queries_.end()}; }

    void send(udp::socket& socket) {
        start_ = Clock::now();
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            asio::error_code error;
            const std::vector<std::uint8_t> message = query_message(questions_[i]);
            socket.send(asio::buffer(message), 0, error);
            queries_[i].error = error.value();
            queries_[i].sent = error ? 0 : 1;
            queries_[i].timed_out = !error;
        }
    }

    void take_message(std::span<const std::uint8_t> message) {
        for (std::size_t i = 0; i < questions_.size(); ++i) {
            auto read = read_reply(message, questions_[i]);
            if (auto* reply = std::get_if<DnsReply>(&read); reply != nullptr && queries_[i].timed_out) {
                queries_[i].timed_out = false;
                queries_[i].rcode = reply->rcode;
                queries_[i].truncated = reply->truncated;
                queries_[i].answers = std::move(reply->answers);
                queries_[i].answers_left_out = reply->answers_left_out;
                queries_[i].cnames = std::move(reply->cnames);
                queries_[i].cnames_left_out = reply->cnames_left_out;
                queries_[i].took = Clock::now() - start_;
            }
        }
    }

  private:
    std::array<DnsQuestion, 2> questions_;
    std::array<DnsQuery, 2> queries_;
    Clock::time_point start_{};
};

asio::ip::address asio_address(const IpAddress& address, std::uint32_t scope) {
    const auto bytes = address.bytes();
    if (address.is_v4()) {
        asio::ip::address_v4::bytes_type v4{};
        std::ranges::copy(bytes, v4.begin());
        return asio::ip::address_v4(v4);
    }
    asio::ip::address_v6::bytes_type v6{};
    std::ranges::copy(bytes, v6.begin());
    return asio::ip::address_v6(v6, scope);
}

asio::awaitable<void> receive(const std::shared_ptr<udp::socket>& socket, Pair& pair,
                              std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    timer.async_wait([socket](asio::error_code error) {
        if (!error) {
            asio::error_code ignored;
            socket->cancel(ignored);
        }
    });
    std::array<std::uint8_t, max_datagram> buffer{};
    while (!pair.complete()) {
        const auto [error, size] = co_await socket->async_receive(asio::buffer(buffer), as_result);
        if (error) {
            break;
        }
        pair.take_message(std::span(buffer).first(size));
    }
}

}  // namespace

asio::awaitable<Observation> probe_pair(DnsProbe probe) {
    const auto executor = co_await asio::this_coro::executor;
    const auto start = Clock::now();
    Observation observation;
    observation.stage = Stage::dns;
    observation.started = WallClock::now();
    DnsFacts facts = facts_before(probe);
    facts.one_socket = true;
    bool complete = false;
    for (unsigned i = 0; i < max_pairs && !complete; ++i) {
        const auto socket = std::make_shared<udp::socket>(executor);
        asio::error_code error;
        const udp::endpoint to(asio_address(probe.resolver, probe.resolver_scope), probe.resolver_port);
        socket->open(to.protocol(), error);
        if (!error) {
            socket->connect(to, error);
        }
        if (error) {
            observation.local = system_error("socket", error.value());
            break;
        }
        Pair pair(facts.name);
        pair.send(*socket);
        co_await receive(socket, pair, probe.retransmit);
        complete = pair.complete();
        facts.queries = pair.take();
    }
    observation.took = Clock::now() - start;
    observation.facts = std::move(facts);
    co_return observation;
}

}  // namespace whylink::probes
