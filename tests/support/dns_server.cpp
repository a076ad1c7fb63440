#include "support/dns_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cctype>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace whylink::lab {
namespace {

using asio::ip::tcp;
using asio::ip::udp;
constexpr auto as_result = asio::experimental::as_tuple(asio::use_awaitable);

using Message = std::vector<std::uint8_t>;

enum Rcode : std::uint8_t { noerror = 0, formerr = 1, servfail = 2, nxdomain = 3, notimp = 4, refused = 5 };

// RFC 1035, section 4.1: header and the one question, and whether an OPT record follows (RFC 6891).
struct Query {
    Message message;
    std::string name;
    std::uint16_t type = 0;
    std::size_t question_end = 0;
    bool edns = false;
    bool checking_disabled = false;
    std::size_t udp_size = 512;
};

constexpr std::size_t header_size = 12;

std::uint16_t read_u16(const Message& message, std::size_t at) {
    return static_cast<std::uint16_t>(message[at] << 8 | message[at + 1]);
}

void put_u16(Message& message, std::size_t value) {
    message.push_back(static_cast<std::uint8_t>(value >> 8));
    message.push_back(static_cast<std::uint8_t>(value));
}

std::optional<Query> read_query(Message message) {
    Query query;
    if (message.size() < header_size || (message[2] & 0x80) != 0 || read_u16(message, 4) != 1) {
        return std::nullopt;
    }
    std::size_t at = header_size;
    while (at < message.size() && message[at] != 0) {
        const std::size_t length = message[at];
        if (length > 63 || at + 1 + length >= message.size()) {
            return std::nullopt;
        }
        query.name += query.name.empty() ? "" : ".";
        for (std::size_t i = 0; i < length; ++i) {
            query.name += static_cast<char>(std::tolower(message[at + 1 + i]));
        }
        at += 1 + length;
    }
    if (at + 5 > message.size()) {
        return std::nullopt;
    }
    query.checking_disabled = (message[3] & 0x10) != 0;
    query.type = read_u16(message, at + 1);
    query.question_end = at + 5;
    constexpr std::uint16_t opt = 41;
    if (read_u16(message, 10) == 1 && query.question_end + 11 <= message.size() &&
        read_u16(message, query.question_end + 1) == opt) {
        query.edns = true;
        query.udp_size = std::max<std::size_t>(512, read_u16(message, query.question_end + 3));
    }
    query.message = std::move(message);
    return query;
}

void put_name(Message& message, const std::string& name) {
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        message.push_back(static_cast<std::uint8_t>(end - begin));
        message.insert(message.end(), name.begin() + static_cast<std::ptrdiff_t>(begin),
                       name.begin() + static_cast<std::ptrdiff_t>(end));
        begin = end + 1;
    }
    message.push_back(0);
}

void put_u32(Message& message, std::uint32_t value) {
    put_u16(message, value >> 16);
    put_u16(message, value & 0xffff);
}

// RFC 2782.
void put_srv(Message& message, const std::string& data) {
    std::istringstream words(data);
    unsigned number = 0;
    for (int i = 0; i < 3; ++i) {
        words >> number;
        put_u16(message, number);
    }
    std::string target;
    words >> target;
    put_name(message, target == "." ? "" : target);
}

// RFC 1035, section 3.3.13.
void put_soa(Message& message, const std::string& data) {
    std::istringstream words(data);
    std::string server;
    std::uint32_t minimum = 0;
    words >> server >> minimum;
    put_name(message, server);
    put_name(message, "hostmaster." + server);
    for (const std::uint32_t value : {1U, 3600U, 300U, 2419200U, minimum}) {
        put_u32(message, value);
    }
}

void put_data(Message& message, const DnsRecord& record) {
    if (record.type == DnsType::srv) {
        put_srv(message, record.data);
    } else if (record.type == DnsType::soa) {
        put_soa(message, record.data);
    } else if (const auto address = IpAddress::parse(record.data);
               address && (record.type == DnsType::a || record.type == DnsType::aaaa)) {
        const auto bytes = address->bytes();
        message.insert(message.end(), bytes.begin(), bytes.end());
    } else if (record.type == DnsType::cname) {
        put_name(message, record.data);
    } else {
        message.push_back(static_cast<std::uint8_t>(record.data.size()));
        message.insert(message.end(), record.data.begin(), record.data.end());
    }
}

void put_record(Message& message, const DnsRecord& record) {
    put_name(message, record.name);
    put_u16(message, static_cast<std::size_t>(record.type));
    put_u16(message, 1);
    put_u32(message, record.ttl);
    Message data;
    put_data(data, record);
    put_u16(message, data.size());
    message.insert(message.end(), data.begin(), data.end());
}

// Header and question of a reply; QR, RA and the query's own RD.
Message start_reply(const Query& query, std::uint8_t rcode) {
    Message reply(query.message.begin(),
                  query.message.begin() + static_cast<std::ptrdiff_t>(query.question_end));
    reply.at(2) = static_cast<std::uint8_t>(0x80 | (query.message[2] & 0x01));
    reply.at(3) = static_cast<std::uint8_t>(0x80 | rcode);
    std::fill(reply.begin() + 6, reply.begin() + header_size, std::uint8_t{0});
    return reply;
}

void put_answers(Message& reply, const std::vector<DnsRecord>& records) {
    for (const DnsRecord& record : records) {
        put_record(reply, record);
    }
    reply[6] = static_cast<std::uint8_t>(records.size() >> 8);
    reply[7] = static_cast<std::uint8_t>(records.size());
}

// RFC 6891, section 6.1.2, and RFC 8914, section 2.
void put_opt(Message& reply, const std::optional<DnsExtendedError>& error) {
    const std::array<std::uint8_t, 9> opt{0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0};
    reply.insert(reply.end(), opt.begin(), opt.end());
    put_u16(reply, error ? 6 + error->text.size() : 0);
    if (error) {
        put_u16(reply, 15);
        put_u16(reply, 2 + error->text.size());
        put_u16(reply, error->code);
        reply.insert(reply.end(), error->text.begin(), error->text.end());
    }
    reply[11] = 1;
}

// Closes a reply: what its query with EDNS brings.
Message finished(Message reply, const DnsZone& zone, const Query& query) {
    if (zone.authoritative()) {
        reply.at(2) |= 0x04;
    }
    if (query.edns) {
        put_opt(reply, zone.extended_error(query.name));
    }
    return reply;
}

void put_authority(Message& reply, const DnsZone& zone, const DnsZone::Answer& answer, std::uint16_t type) {
    const bool has_data = std::ranges::any_of(answer.records, [type](const DnsRecord& record) {
        return static_cast<std::uint16_t>(record.type) == type;
    });
    const auto authority = zone.authority(answer.last);
    if (!has_data && authority) {
        put_record(reply, *authority);
        reply[9] = 1;
    }
}

Message true_reply(const DnsZone& zone, const Query& query, std::vector<DnsRecord> more = {}) {
    auto answer = zone.lookup(query.name, query.type);
    answer.records.insert(answer.records.end(), more.begin(), more.end());
    Message reply = start_reply(query, static_cast<std::uint8_t>(answer.rcode));
    put_answers(reply, answer.records);
    put_authority(reply, zone, answer, query.type);
    return finished(std::move(reply), zone, query);
}

Message negative_reply(const DnsZone& zone, const Query& query, Rcode rcode) {
    Message reply = start_reply(query, rcode);
    if (const auto authority = zone.authority(query.name)) {
        put_record(reply, *authority);
        reply[9] = 1;
    }
    return finished(std::move(reply), zone, query);
}

Message truncated_reply(const Query& query) {
    Message reply = start_reply(query, noerror);
    reply[2] |= 0x02;
    return reply;
}

Message reply_to_another_name(const Query& query) {
    Query other = query;
    other.message[header_size + 1] = static_cast<std::uint8_t>(other.message[header_size + 1] ^ 0x01);
    Message reply = start_reply(other, noerror);
    put_answers(reply, {DnsRecord{"elsewhere.test", 60, DnsType::a, "10.255.255.255"}});
    return reply;
}

Message reply_with_pointer_to_itself(const Query& query) {
    Message reply = start_reply(query, noerror);
    const std::size_t here = reply.size();
    put_u16(reply, 0xc000 | here);
    const std::array<std::uint8_t, 14> rest{0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1};
    reply.insert(reply.end(), rest.begin(), rest.end());
    reply[7] = 1;
    return reply;
}

Message reply_cut_short(const Query& query) {
    Message reply = start_reply(query, noerror);
    put_answers(reply, {DnsRecord{query.name, 60, DnsType::a, "10.255.255.255"}});
    reply.erase(reply.end() - 3, reply.end());
    return reply;
}

Message reply_without_question(const DnsZone& zone, const Query& query) {
    Message reply = true_reply(zone, query);
    reply.erase(reply.begin() + header_size, reply.begin() + static_cast<std::ptrdiff_t>(query.question_end));
    reply[5] = 0;
    return reply;
}

Message with_wrong_id(Message reply) {
    reply[1] ^= 0x55;
    return reply;
}

std::vector<DnsRecord> two_hundred(const Query& query) {
    std::vector<DnsRecord> records;
    if (query.type == static_cast<std::uint16_t>(DnsType::a)) {
        for (int i = 0; i < 200; ++i) {
            records.push_back({query.name, 60, DnsType::a, "10.0.255." + std::to_string(i)});
        }
    }
    return records;
}

Message reply_with_alias_loop(const Query& query) {
    Message reply = start_reply(query, noerror);
    const std::string other = "alias." + query.name;
    put_answers(reply, {DnsRecord{query.name, 60, DnsType::cname, other},
                        DnsRecord{other, 60, DnsType::cname, query.name}});
    return reply;
}

// What goes back for one query, and when.
struct Response {
    std::vector<Message> messages;
    std::chrono::milliseconds delay{0};
    bool close = false;  // TCP: end the connection
};

class Server : public std::enable_shared_from_this<Server> {
  public:
    Server(asio::io_context& context, DnsZone zone, udp::socket datagrams, tcp::acceptor acceptor)
        : context_(context),
          zone_(std::move(zone)),
          datagrams_(std::move(datagrams)),
          acceptor_(std::move(acceptor)) {}

    static void start(const std::shared_ptr<Server>& server) {
        asio::co_spawn(server->context_, server->serve_datagrams(server), asio::detached);
        asio::co_spawn(server->context_, server->accept_streams(server), asio::detached);
    }

  private:
    using Self = std::shared_ptr<Server>;

    asio::awaitable<void> serve_datagrams(Self self) {
        Message buffer(4096);
        for (;;) {
            udp::endpoint from;
            const auto [error, size] =
                co_await datagrams_.async_receive_from(asio::buffer(buffer), from, as_result);
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
                co_return;
            }
            if (error) {
                continue;  // an ICMP error for an earlier reply
            }
            auto query =
                read_query(Message(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)));
            if (query) {
                asio::co_spawn(context_, answer_datagram(self, std::move(*query), from), asio::detached);
            }
        }
    }

    asio::awaitable<void> answer_datagram(Self self, Query query, udp::endpoint to) {
        Response response = respond(query, false);
        co_await self->wait(response.delay);
        for (Message& message : response.messages) {
            if (message.size() > query.udp_size) {
                message = truncated_reply(query);
            }
            co_await datagrams_.async_send_to(asio::buffer(message), to, as_result);
        }
    }

    asio::awaitable<void> accept_streams(Self self) {
        for (;;) {
            auto [error, stream] = co_await acceptor_.async_accept(as_result);
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
                co_return;
            }
            if (!error) {
                asio::co_spawn(context_, serve_stream(self, std::move(stream)), asio::detached);
            }
        }
    }

    // RFC 7766: each message behind its length.
    asio::awaitable<void> serve_stream(Self self, tcp::socket stream) {
        for (;;) {
            std::array<std::uint8_t, 2> length{};
            if (std::get<0>(co_await asio::async_read(stream, asio::buffer(length), as_result))) {
                co_return;
            }
            Message message(static_cast<std::size_t>(length[0] << 8 | length[1]));
            if (std::get<0>(co_await asio::async_read(stream, asio::buffer(message), as_result))) {
                co_return;
            }
            const auto query = read_query(std::move(message));
            const Response response = query ? respond(*query, true) : Response{{}, {}, true};
            co_await self->wait(response.delay);
            for (const Message& reply : response.messages) {
                Message framed;
                put_u16(framed, reply.size());
                framed.insert(framed.end(), reply.begin(), reply.end());
                co_await asio::async_write(stream, asio::buffer(framed), as_result);
            }
            if (response.close) {
                co_return;
            }
        }
    }

    asio::awaitable<void> wait(std::chrono::milliseconds delay) {
        if (delay.count() > 0) {
            asio::steady_timer timer(context_, delay);
            co_await timer.async_wait(as_result);
        }
    }

    bool is_first(const Query& query) { return seen_.emplace(query.name, query.type).second; }

    Response respond(const Query& query, bool over_tcp) {
        const auto fault = zone_.fault(query.name, query.type);
        if (!fault) {
            return {{true_reply(zone_, query)}, {}, false};
        }
        switch (*fault) {
            case DnsFault::silent:
                return {};
            case DnsFault::silent_udp:
                return over_tcp ? Response{{true_reply(zone_, query)}, {}, false} : Response{};
            case DnsFault::servfail:
                return {{finished(start_reply(query, servfail), zone_, query)}, {}, false};
            case DnsFault::refused:
                return {{finished(start_reply(query, refused), zone_, query)}, {}, false};
            case DnsFault::formerr:
                return {{start_reply(query, formerr)}, {}, false};
            case DnsFault::notimp:
                return {{start_reply(query, notimp)}, {}, false};
            case DnsFault::nxdomain:
                return {{negative_reply(zone_, query, nxdomain)}, {}, false};
            case DnsFault::nodata:
                return {{negative_reply(zone_, query, noerror)}, {}, false};
            case DnsFault::garbage:
                return {{Message(64, 0xa5)}, {}, false};
            case DnsFault::no_header:
                return {{Message(query.message.begin(), query.message.begin() + 5)}, {}, false};
            case DnsFault::wrong_id:
                return {{with_wrong_id(true_reply(zone_, query))}, {}, false};
            case DnsFault::wrong_question:
                return {{reply_to_another_name(query)}, {}, false};
            case DnsFault::no_question:
                return {{reply_without_question(zone_, query)}, {}, false};
            case DnsFault::not_a_response:
                return {{query.message}, {}, false};
            case DnsFault::loop:
                return {{reply_with_pointer_to_itself(query)}, {}, false};
            case DnsFault::cut_record:
                return {{reply_cut_short(query)}, {}, false};
            case DnsFault::many:
                return {{true_reply(zone_, query, two_hundred(query))}, {}, false};
            case DnsFault::wrong_id_then_good:
                return {{with_wrong_id(true_reply(zone_, query)), true_reply(zone_, query)}, {}, false};
            case DnsFault::truncated:
                return {{over_tcp ? true_reply(zone_, query) : truncated_reply(query)}, {}, false};
            case DnsFault::truncated_tcp_closed:
                return over_tcp ? Response{{}, {}, true} : Response{{truncated_reply(query)}, {}, false};
            case DnsFault::truncated_tcp_silent:
                return over_tcp ? Response{} : Response{{truncated_reply(query)}, {}, false};
            case DnsFault::no_edns:
                return {{query.edns ? start_reply(query, formerr) : true_reply(zone_, query)}, {}, false};
            case DnsFault::drops_first:
                return is_first(query) ? Response{} : Response{{true_reply(zone_, query)}, {}, false};
            case DnsFault::slow:
                return {{true_reply(zone_, query)}, std::chrono::milliseconds(300), false};
            case DnsFault::cname_loop:
                return {{reply_with_alias_loop(query)}, {}, false};
            case DnsFault::drops_edns:
                return query.edns && !over_tcp ? Response{} : Response{{true_reply(zone_, query)}, {}, false};
            case DnsFault::bogus:
                return {{query.checking_disabled ? true_reply(zone_, query)
                                                 : finished(start_reply(query, servfail), zone_, query)},
                        {},
                        false};
        }
        return {};
    }

    asio::io_context& context_;
    DnsZone zone_;
    udp::socket datagrams_;
    tcp::acceptor acceptor_;
    std::set<std::pair<std::string, std::uint16_t>> seen_;
};

}  // namespace

std::uint16_t start_dns_server(ServerLoop& loop, const Place& place, DnsZone zone) {
    const bool v4 = place.address.is_v4();
    tcp::acceptor acceptor(loop.context(), v4 ? tcp::v4() : tcp::v6(), open_socket(place, SOCK_STREAM));
    Place datagrams = place;
    datagrams.port = bound_port(acceptor.native_handle());
    udp::socket socket(loop.context(), v4 ? udp::v4() : udp::v6(), open_socket(datagrams, SOCK_DGRAM));
    Server::start(
        std::make_shared<Server>(loop.context(), std::move(zone), std::move(socket), std::move(acceptor)));
    return datagrams.port;
}

}  // namespace whylink::lab
