#include "probes/dns/exchange.hpp"

// Later versions offer other functions for some of these and keep these; Debian 12 has 1.18.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/error_code.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "probes/loop_time.hpp"
#include "probes/packets/read_bytes.hpp"
#include "probes/tcp/icmp_error.hpp"
#include "probes/tcp/socket_address.hpp"
#include "probes/tcp/socket_options.hpp"
#include "probes/wake_ups.hpp"

namespace whylink::probes {
namespace {

std::variant<DnsReply, BadReply> read_timed(std::span<const std::uint8_t> message,
                                            const DnsQuestion& question) {
    const PieceOfWork piece([&question] { return "a reply about " + question.name; });
    return read_reply(message, question);
}

using Clock = std::chrono::steady_clock;

/// What our OPT record says: replies up to this size pass every usual path in one piece.
constexpr int advertised_size = 1232;
/// The most that c-ares 1.18 reads of a datagram, and here also takes: a server that sends more than it was
/// allowed is still answering.
constexpr int accepted_size = 4096;
constexpr std::size_t opt_record_size = 11;  ///< of a query's OPT record: no options
/// A reply to the query without EDNS waits at least so long for the reply to the one with it, which was sent just
/// before: one datagram may overtake another, and a server may take longer for a larger reply.
constexpr std::chrono::milliseconds min_grace{100};
constexpr std::uint8_t checking_disabled_bit =
    0x10;  ///< in the fourth byte of the header (RFC 4035 section 3.2.2)
/// A datagram that seems to have waited for us longer than this came before the wall clock was set.
constexpr std::chrono::seconds max_queueing{10};
/// Of one descriptor before others get their turn.
constexpr int datagrams_in_a_row = 16;

int initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    return status;
}

std::uint16_t random_id() {
    std::uint16_t id = 0;
    // Two bytes are never cut short; before the pool is ready, early in boot, the call waits (getrandom(2)).
    while (getrandom(&id, sizeof id, 0) < 0 && errno == EINTR) {
    }
    return id;
}

/// FORMERR is what a server says that does not know EDNS (RFC 6891 section 7), and some say one of the
/// others; libc and most applications ask without it, so it is no failure of the resolver.
bool refuses_edns(int rcode) {
    constexpr int bad_version = 16;
    return rcode == ns_r_formerr || rcode == ns_r_notimpl || rcode == bad_version;
}

/// When the kernel got the datagram (socket(7), SO_TIMESTAMPNS), on the clock that durations are measured
/// with. Nothing without a time stamp, or when the wall clock was set meanwhile.
std::optional<Clock::time_point> arrival(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) {
            continue;
        }
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        const std::chrono::nanoseconds came =
            std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec);
        const std::chrono::nanoseconds ago = std::chrono::system_clock::now().time_since_epoch() - came;
        if (ago >= std::chrono::nanoseconds(0) && ago < max_queueing) {
            return Clock::now() - ago;
        }
    }
    return std::nullopt;
}

/// As ares_set_servers_ports(3) takes it, by copy.
ares_addr_port_node server_node(const DnsServer& server) {
    ares_addr_port_node node{};
    node.family = server.address.is_v4() ? AF_INET : AF_INET6;
    const auto bytes = server.address.bytes();
    std::memcpy(&node.addr, bytes.data(), bytes.size());
    node.udp_port = node.tcp_port = server.port;
    return node;
}

bool has_opt_record(std::span<const std::uint8_t> query) {
    return query.size() > NS_HFIXEDSZ && (query[10] != 0 || query[11] != 0);
}

std::vector<std::uint8_t> joined(std::span<const iovec> parts) {
    std::vector<std::uint8_t> all;
    for (const iovec& part : parts) {
        const auto* bytes = static_cast<const std::uint8_t*>(part.iov_base);
        all.insert(all.end(), bytes, bytes + part.iov_len);
    }
    return all;
}

/// Without the options of its OPT record, which is its last: c-ares adds a cookie (RFC 7873) since 1.33, which libc and
/// most applications do not send, and what is asked here is what they ask.
void remove_options(std::vector<std::uint8_t>& query) {
    std::size_t at = NS_HFIXEDSZ;
    while (at < query.size() && query[at] != 0) {
        at += std::size_t{query[at]} + 1;
    }
    const std::size_t end = at + 1 + NS_QFIXEDSZ + opt_record_size;
    if (has_opt_record(query) && end < query.size()) {
        query.resize(end);
        query[end - 2] = query[end - 1] = 0;
    }
}

/// The datagram with another id and without its OPT record, which is its last.
std::vector<std::uint8_t> without_opt_record(std::span<const std::uint8_t> query, std::uint16_t id) {
    std::vector<std::uint8_t> bare(query.begin(), query.end() - opt_record_size);
    bare[0] = static_cast<std::uint8_t>(id >> 8);
    bare[1] = static_cast<std::uint8_t>(id & 0xff);
    bare[10] = bare[11] = 0;
    return bare;
}

/// The socket is not connected any more, and not bound either where the kernel chose its port.
bool disconnect(int fd) {
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    return ::connect(fd, &nobody, sizeof nobody) == 0;
}

/// To a port of the kernel's choice, on any address, as if it were ours: only a port that was asked for outlives
/// `disconnect`. False: the port comes and goes with connect(2).
bool bind_to_a_port(int fd, int family) {
    const IpAddress any = family == AF_INET6 ? IpAddress::v6({}) : IpAddress::v4({});
    const SocketAddress no_port(any, 0);
    if (::bind(fd, no_port.data(), no_port.length()) != 0) {
        return false;
    }
    const SocketAddress own = local_address(fd);
    return disconnect(fd) && ::bind(fd, own.data(), own.length()) == 0;
}

class Exchange final : public DnsExchange {
  public:
    Exchange(asio::any_io_executor executor, DnsExchangePlan plan, std::function<void()> on_news);
    ~Exchange() override;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    void start() override;
    void send_again() override;
    void send_without_edns() override;
    std::optional<Clock::time_point> settle_at() const override;
    void settle() override;

  private:
    /// The query without EDNS, once it was sent.
    struct BareQuery {
        DnsQuestion question;             ///< with its own id
        Clock::time_point sent{};         ///< for the last time
        std::optional<DnsReply> reply{};  ///< the first good one
        Clock::time_point came{};         ///< and when it did
        bool truncated = false;           ///< its reply is what the exchange went over to TCP for
    };
    struct Interest {
        bool wanted = false;
        bool waiting = false;  ///< a wait is under way
    };
    /// A socket of c-ares, which closes it; the descriptor only waits for it.
    struct Socket {
        explicit Socket(const asio::any_io_executor& executor) : descriptor(executor), rest(executor) {}
        asio::posix::stream_descriptor descriptor;
        asio::steady_timer rest;
        ares_socket_t fd = ARES_SOCKET_BAD;
        Interest reading{};
        Interest writing{};
    };

    /// To one question over TCP.
    static constexpr unsigned max_messages = 32;

    static Exchange& of(void* self) noexcept { return *static_cast<Exchange*>(self); }
    static const ares_socket_functions& hooks();
    int open_channel();
    ares_socket_t open(int family, int type);
    void close(ares_socket_t fd);
    int connect(ares_socket_t fd, const sockaddr* to, ares_socklen_t size);
    void follow(ares_socket_t fd);
    ares_ssize_t receive_datagram(std::span<std::uint8_t> buffer, sockaddr* from, ares_socklen_t* from_size);
    ssize_t receive(std::span<std::uint8_t> buffer, SocketAddress& sender);
    bool is_from_elsewhere(const SocketAddress& sender, std::span<const std::uint8_t> buffer,
                           std::size_t size);
    void listen_to_anybody();
    ssize_t send_message(ares_socket_t fd, std::span<const iovec> parts);
    ares_ssize_t receive_stream(std::span<std::uint8_t> buffer);
    ares_ssize_t send(ares_socket_t fd, std::span<const iovec> parts);
    ares_ssize_t send_stream(ares_socket_t fd, std::vector<std::uint8_t>& bytes);
    void answered(int status, bool with_message);

    bool is_udp(ares_socket_t fd) const { return udp_ && udp_->fd == fd; }
    std::shared_ptr<Socket>& socket_of(ares_socket_t fd) { return is_udp(fd) ? udp_ : tcp_; }
    void take_interest(ares_socket_t fd, bool readable, bool writable);
    void watch(const std::shared_ptr<Socket>& socket);
    void wait(const std::shared_ptr<Socket>& socket, Interest Socket::*what);
    void wait_now(const std::shared_ptr<Socket>& socket, Interest Socket::*what);
    void process(const std::shared_ptr<Socket>& socket, bool readable);

    bool may_send_again() const { return !ended_at_ && !tcp_ && udp_ && !datagram_.empty(); }
    std::size_t accept_datagram(std::span<std::uint8_t> buffer, std::size_t size);
    bool is_for_bare_query(std::span<const std::uint8_t> message) const;
    std::size_t accept_bare_reply(std::span<std::uint8_t> buffer, std::size_t size);
    void take(DnsReply reply);
    bool is_late_refusal_of_edns(int rcode);
    std::size_t reduce_to_question(std::span<std::uint8_t> buffer) const;
    void remember_datagram(std::vector<std::uint8_t> sent);
    void take_id(std::span<const std::uint8_t> query);
    void take_stream(std::span<const std::uint8_t> bytes);
    void take_message(std::span<const std::uint8_t> message);
    void note_bad_reply(std::string reason);

    void fail(const char* operation, int error, ares_socket_t fd);
    void fail_locally(LocalError error);
    void end();

    asio::any_io_executor executor_;
    DnsExchangePlan plan_;
    std::function<void()> on_news_;
    ares_channel channel_ = nullptr;
    std::shared_ptr<Socket> udp_;
    std::shared_ptr<Socket> tcp_;
    std::vector<std::uint8_t> datagram_;              ///< the last query sent over UDP
    WakeUps wake_ups_;                                ///< in which something was read
    unsigned messages_ = 0;                           ///< over TCP
    bool stream_begun_ = false;                       ///< the query, or a part of it, was sent over TCP
    bool tcp_message_taken_ = false;                  ///< the end of the stream is then no news
    unsigned edns_unanswered_ = 0;                    ///< queries with EDNS that may still be refused
    std::vector<std::uint8_t> stream_;                ///< what TCP brought, up to the last whole message
    std::optional<Clock::time_point> datagram_came_;  ///< the last one, when the kernel got it
    std::optional<DnsReply> reply_;                   ///< the last good one: what c-ares ends the query with
    std::optional<BareQuery> bare_;
    bool is_bound_ = false;
    SocketAddress to_;
    std::optional<SocketAddress> to_anybody_;  ///< the socket is not connected any more: where its queries go
};

Exchange::Exchange(asio::any_io_executor executor, DnsExchangePlan plan, std::function<void()> on_news)
    : executor_(std::move(executor)), plan_(std::move(plan)), on_news_(std::move(on_news)) {
    plan_.question.id = random_id();
    facts_.type = plan_.question.type;
    facts_.asked_over_tcp = plan_.way.over_tcp;
    facts_.checking_disabled = plan_.way.checking_disabled;
}

Exchange::~Exchange() {
    // ares_destroy(3) ends queries under way through their callback.
    on_news_ = nullptr;
    if (channel_ != nullptr) {
        ares_destroy(channel_);
    }
}

void Exchange::start() {
    if (const int status = open_channel(); status != ARES_SUCCESS) {
        fail_locally({"c-ares", 0, ares_strerror(status)});
        return;
    }
    unsigned char* query = nullptr;
    int size = 0;
    const DnsQuestion& question = plan_.question;
    const int status =
        ares_create_query(question.name.c_str(), ns_c_in, static_cast<int>(wire_type(question.type)),
                          question.id, 1, &query, &size, advertised_size);
    if (status != ARES_SUCCESS) {
        fail_locally({"query for " + question.name, 0, ares_strerror(status)});
        return;
    }
    if (plan_.way.checking_disabled) {
        query[3] |= checking_disabled_bit;
    }
    ares_send(
        channel_, query, size,
        [](void* self, int result, int /*timeouts*/, unsigned char* message, int /*size*/) noexcept {
            of(self).answered(result, message != nullptr);
        },
        this);
    ares_free_string(query);
}

void Exchange::send_again() {
    if (!may_send_again()) {
        return;
    }
    listen_to_anybody();
    const iovec part{datagram_.data(), datagram_.size()};
    if (send(udp_->fd, {&part, 1}) < 0) {
        end();
    }
}

void Exchange::send_without_edns() {
    if (!may_send_again() || !has_opt_record(datagram_)) {
        return;
    }
    if (!bare_) {
        bare_.emplace();
        bare_->question = plan_.question;
        while (bare_->question.id == plan_.question.id) {
            bare_->question.id = random_id();
        }
    }
    std::vector<std::uint8_t> query = without_opt_record(datagram_, bare_->question.id);
    const iovec part{query.data(), query.size()};
    // What keeps it from being sent keeps back the query with EDNS as well, whose error is recorded.
    if (send_message(udp_->fd, {&part, 1}) >= 0) {
        bare_->sent = Clock::now();
        ++facts_.sent;
    }
}

std::optional<Clock::time_point> Exchange::settle_at() const {
    if (ended_at_ || tcp_ || !bare_ || !bare_->reply) {
        return std::nullopt;
    }
    return bare_->came + std::max<Clock::duration>(min_grace, 2 * (bare_->came - bare_->sent));
}

void Exchange::settle() {
    if (!settle_at()) {
        return;
    }
    facts_.edns_unanswered = true;
    asked_at_ = bare_->sent;
    datagram_came_ = bare_->came;
    take(std::move(*bare_->reply));
    end();
}

/// Every setting is given, or c-ares would read resolv.conf, nsswitch.conf and the host name for each
/// channel.
int Exchange::open_channel() {
    if (const int status = initialise_library(); status != ARES_SUCCESS) {
        return status;
    }
    std::array<char, 2> lookups{"b"};
    ares_options options{};
    // NOCHECKRESP: without it SERVFAIL, NOTIMP and REFUSED are swallowed and end as a time-out.
    options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS |
                    (plan_.way.over_tcp ? ARES_FLAG_USEVC : 0);
    options.timeout = static_cast<int>(std::clamp<std::int64_t>(plan_.patience.count(), 0,
                                                                std::int64_t{24} * 3600 * 1000)) +
                      1000;
    options.tries = 1;
    options.lookups = lookups.data();
    options.ednspsz = accepted_size;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) noexcept {
        of(self).take_interest(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_LOOKUPS |
                ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ |
                ARES_OPT_NOROTATE | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE  // since 1.31, on unless a maximum of 0 is given: each question is to be asked
    options.qcache_max_ttl = 0;
    given |= ARES_OPT_QUERY_CACHE;
#endif
    if (const int status = ares_init_options(&channel_, &options, given); status != ARES_SUCCESS) {
        channel_ = nullptr;
        return status;
    }
    ares_set_socket_functions(channel_, &hooks(), this);
    ares_addr_port_node node = server_node(plan_.server);
    return ares_set_servers_ports(channel_, &node);
}

// ---- sockets ----

ares_socket_t Exchange::open(int family, int type) {
    const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        fail_locally(system_error("socket", errno));
        return ARES_SOCKET_BAD;
    }
    // Without them the query still works: an ICMP error is known by its errno alone, and the time spent in
    // our own queue counts as the resolver's.
    set_receive_errors(fd, family == AF_INET6, true);
    if (type == SOCK_DGRAM) {
        const int on = 1;
        ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        is_bound_ = bind_to_a_port(fd, family);
    }
    auto socket = std::make_shared<Socket>(executor_);
    socket->fd = fd;
    asio::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) {
        ::close(fd);
        fail_locally({"epoll_ctl", error.value(), error.message()});
        return ARES_SOCKET_BAD;
    }
    (type == SOCK_DGRAM ? udp_ : tcp_) = std::move(socket);
    return fd;
}

void Exchange::close(ares_socket_t fd) {
    auto& socket = socket_of(fd);
    // The event loop lets go first, so that it never watches the number in its next life.
    socket->descriptor.release();
    socket->fd = ARES_SOCKET_BAD;
    socket.reset();
    ::close(fd);
}

int Exchange::connect(ares_socket_t fd, const sockaddr* to, ares_socklen_t size) {
    sockaddr_in6 scoped{};
    if (to->sa_family == AF_INET6 && plan_.server.scope_id != 0) {
        std::memcpy(&scoped, to, sizeof scoped);
        scoped.sin6_scope_id = plan_.server.scope_id;
        to = reinterpret_cast<const sockaddr*>(&scoped);
    }
    if (is_udp(fd)) {
        to_ = SocketAddress();
        to_.length() = size;
        std::memcpy(to_.data(), to, size);
    }
    if (::connect(fd, to, size) == 0) {
        follow(fd);
        return 0;
    }
    int error = errno;
    if (error == EINPROGRESS) {
        follow(fd);
    }
    if (error == EADDRNOTAVAIL && is_udp(fd)) {
        // The route is there, but no source address of its family: as good as none.
        error = ENETUNREACH;
    }
    if (error != EINPROGRESS) {
        fail("connect", error, fd);
        // c-ares would take EAGAIN for a connection in progress.
        errno = error == EAGAIN ? EADDRNOTAVAIL : error;
    }
    return -1;
}

/// Before anything is sent on it.
void Exchange::follow(ares_socket_t fd) {
    const SocketAddress own = plan_.tap == nullptr ? SocketAddress() : local_address(fd);
    if (own.address()) {
        const std::uint8_t protocol = is_udp(fd) ? IPPROTO_UDP : IPPROTO_TCP;
        flows_.push_back(plan_.tap->follow(
            {protocol, *own.address(), own.port(), plan_.server.address, plan_.server.port}));
    }
}

ares_ssize_t Exchange::receive_datagram(std::span<std::uint8_t> buffer, sockaddr* from,
                                        ares_socklen_t* from_size) {
    for (int i = 0; i < datagrams_in_a_row; ++i) {
        SocketAddress sender;
        const ssize_t size = receive(buffer, sender);
        if (size >= 0) {
            if (from != nullptr && from_size != nullptr) {
                *from_size = std::min(*from_size, sender.length());
                std::memcpy(from, sender.data(), *from_size);
            }
            const std::size_t accepted = is_from_elsewhere(sender, buffer, static_cast<std::size_t>(size))
                                             ? 0
                                             : accept_datagram(buffer, static_cast<std::size_t>(size));
            if (accepted > 0) {
                return static_cast<ares_ssize_t>(accepted);
            }
        } else if (errno == EAGAIN) {
            return -1;
        } else if (tcp_) {
            // The exchange goes on over TCP; an error left in the queue would wake us for ever.
            take_icmp_error(udp_->fd);
        } else if (errno != EINTR) {
            fail("recvfrom", errno, udp_->fd);
            return -1;
        }
    }
    errno = EAGAIN;
    return -1;
}

/// Takes one datagram, and notes when the kernel got it: the loop may have been busy with other probes since,
/// which is none of the resolver's time.
ssize_t Exchange::receive(std::span<std::uint8_t> buffer, SocketAddress& sender) {
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(timespec))> control{};
    msghdr message{};
    message.msg_name = sender.data();
    message.msg_namelen = sender.length();
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    // MSG_TRUNC: the datagram's own size, also where it does not fit.
    const ssize_t size = ::recvmsg(udp_->fd, &message, MSG_TRUNC);
    if (size >= 0) {
        sender.length() = message.msg_namelen;
        datagram_came_ = arrival(message);
    }
    return size;
}

/// A reply from another address or port is not the resolver's, as programs see it, and may be anybody's: it is noted,
/// and not read.
bool Exchange::is_from_elsewhere(const SocketAddress& sender, std::span<const std::uint8_t> buffer,
                                 std::size_t size) {
    if (!to_anybody_ ||
        (sender.address() == to_anybody_->address() && sender.port() == to_anybody_->port())) {
        return false;
    }
    const auto read = read_reply(buffer.first(std::min(size, buffer.size())), plan_.question);
    if (std::holds_alternative<DnsReply>(read)) {
        facts_.reply_from = sender.address();
    }
    datagram_came_.reset();
    return true;
}

/// A connected socket never shows what another address sends. So after a silence it is no longer connected, and stays
/// at its port (connect(2), AF_UNSPEC; a port that was bound survives it).
void Exchange::listen_to_anybody() {
    if (to_anybody_ || !is_bound_) {
        return;
    }
    if (disconnect(udp_->fd)) {
        to_anybody_ = to_;
    }
}

/// Of an unconnected socket each message says where it goes.
ssize_t Exchange::send_message(ares_socket_t fd, std::span<const iovec> parts) {
    msghdr message{};
    if (is_udp(fd) && to_anybody_) {
        message.msg_name = to_anybody_->data();
        message.msg_namelen = to_anybody_->length();
    }
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

ares_ssize_t Exchange::receive_stream(std::span<std::uint8_t> buffer) {
    if (ended_at_) {
        errno = ECONNRESET;
        return -1;
    }
    const ssize_t size = ::recv(tcp_->fd, buffer.data(), buffer.size(), 0);
    if (size > 0) {
        take_stream(buffer.first(static_cast<std::size_t>(size)));
    } else if (size == 0 && !buffer.empty() && (!tcp_message_taken_ || !stream_.empty())) {
        note_bad_reply("the TCP connection was closed " +
                       (stream_.empty() ? "without a reply"
                                        : "after " + std::to_string(stream_.size()) + " bytes of a reply"));
        end();  // later versions of c-ares connect again, as long as there is time
    } else if (size < 0 && errno != EAGAIN && errno != EINTR) {
        fail("recv", errno, tcp_->fd);
    } else if (size < 0) {
        errno = EAGAIN;
    }
    return size;
}

/// What c-ares sends.
ares_ssize_t Exchange::send(ares_socket_t fd, std::span<const iovec> parts) {
    std::vector<std::uint8_t> message = joined(parts);
    if (!is_udp(fd)) {
        return send_stream(fd, message);
    }
    const auto given = static_cast<ares_ssize_t>(message.size());
    remove_options(message);
    const iovec part{message.data(), message.size()};
    if (send_message(fd, {&part, 1}) < 0) {
        fail("sendmsg", errno, fd);
        return -1;
    }
    take_id(message);
    remember_datagram(std::move(message));
    return given;
}

/// A length of two bytes comes before the query.
ares_ssize_t Exchange::send_stream(ares_socket_t fd, std::vector<std::uint8_t>& bytes) {
    const iovec part{bytes.data(), bytes.size()};
    const ssize_t size = send_message(fd, {&part, 1});
    if (size < 0 && errno != EAGAIN) {
        fail("sendmsg", errno, fd);
    } else if (size >= 0 && !std::exchange(stream_begun_, true)) {
        take_id(std::span(bytes).subspan(std::min<std::size_t>(2, bytes.size())));
    }
    return size;
}

/// c-ares up to 1.27 sends the id that it was given, and later versions one of their own.
void Exchange::take_id(std::span<const std::uint8_t> query) {
    if (query.size() >= 2) {
        plan_.question.id = read_16(query, 0);
    }
}

void Exchange::remember_datagram(std::vector<std::uint8_t> sent) {
    const bool had_opt_record = has_opt_record(datagram_);
    datagram_ = std::move(sent);
    ++facts_.sent;
    if (has_opt_record(datagram_)) {
        ++edns_unanswered_;
    } else if (had_opt_record) {
        facts_.without_edns = true;
    }
}

// ---- the event loop ----

void Exchange::take_interest(ares_socket_t fd, bool readable, bool writable) {
    const auto socket = socket_of(fd);
    socket->reading.wanted = readable;
    socket->writing.wanted = writable;
    watch(socket);
}

void Exchange::watch(const std::shared_ptr<Socket>& socket) {
    wait(socket, &Socket::reading);
    wait(socket, &Socket::writing);
}

void Exchange::wait(const std::shared_ptr<Socket>& socket, Interest Socket::*what) {
    Interest& interest = (*socket).*what;
    if (!interest.wanted || interest.waiting) {
        return;
    }
    interest.waiting = true;
    if (what == &Socket::writing || !wake_ups_.are_to_be_put_off()) {
        return wait_now(socket, what);
    }
    WakeUps::suspend(socket->descriptor.native_handle());
    socket->rest.expires_after(WakeUps::put_off);
    socket->rest.async_wait([this, weak = std::weak_ptr(socket), what](asio::error_code error) {
        const auto open = weak.lock();
        if (open && !error) {
            WakeUps::resume(open->descriptor.native_handle());
            wait_now(open, what);
        }
    });
}

void Exchange::wait_now(const std::shared_ptr<Socket>& socket, Interest Socket::*what) {
    const bool readable = what == &Socket::reading;
    // A handler that finds the socket gone, or closed, may find this exchange gone too.
    socket->descriptor.async_wait(
        readable ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write,
        [this, weak = std::weak_ptr(socket), what, readable](asio::error_code) {
            if (const auto open = weak.lock()) {
                ((*open).*what).waiting = false;
                process(open, readable);
            }
        });
}

void Exchange::process(const std::shared_ptr<Socket>& socket, bool readable) {
    if (ended_at_) {
        return;
    }
    if (readable) {
        wake_ups_.count();
    }
    ares_process_fd(channel_, readable ? socket->fd : ARES_SOCKET_BAD,
                    readable ? ARES_SOCKET_BAD : socket->fd);
    if (socket->fd != ARES_SOCKET_BAD) {
        watch(socket);
    }
}

// ---- replies ----

/// How much of the buffer c-ares may have; 0: the datagram is no reply.
std::size_t Exchange::accept_datagram(std::span<std::uint8_t> buffer, std::size_t size) {
    if (size > buffer.size()) {
        size = buffer.size();
        // Cut off by the buffer: what TC means, and c-ares goes over to TCP for it.
        buffer[2] |= 0x02;
    }
    if (is_for_bare_query(buffer.first(size))) {
        return accept_bare_reply(buffer, size);
    }
    auto read = read_timed(buffer.first(size), plan_.question);
    if (const auto* bad = std::get_if<BadReply>(&read)) {
        note_bad_reply(bad->reason);
        return 0;
    }
    auto& reply = std::get<DnsReply>(read);
    if (is_late_refusal_of_edns(reply.rcode)) {
        return 0;
    }
    facts_.truncated = facts_.truncated || reply.truncated;
    const bool refused = refuses_edns(reply.rcode);
    const bool bare = buffer[4] == 0 && buffer[5] == 0;
    reply_ = std::move(reply);
    if (refused && has_opt_record(datagram_)) {
        // Only this one makes c-ares ask without EDNS.
        buffer[3] = static_cast<std::uint8_t>((buffer[3] & 0xf0) | ns_r_formerr);
    }
    return refused || bare ? reduce_to_question(buffer) : size;
}

bool Exchange::is_for_bare_query(std::span<const std::uint8_t> message) const {
    return bare_ && message.size() >= 2 && read_16(message, 0) == bare_->question.id;
}

/// It is kept back from c-ares, which does not know that query, unless it is truncated: then c-ares is to ask over TCP.
std::size_t Exchange::accept_bare_reply(std::span<std::uint8_t> buffer, std::size_t size) {
    auto read = read_timed(buffer.first(size), bare_->question);
    if (const auto* bad = std::get_if<BadReply>(&read)) {
        note_bad_reply(bad->reason);
        return 0;
    }
    auto& reply = std::get<DnsReply>(read);
    if (reply.truncated) {
        facts_.truncated = true;
        bare_->truncated = true;
        buffer[0] = static_cast<std::uint8_t>(plan_.question.id >> 8);
        buffer[1] = static_cast<std::uint8_t>(plan_.question.id & 0xff);
        return size;
    }
    if (!bare_->reply) {
        bare_->reply = std::move(reply);
        bare_->came = datagram_came_.value_or(Clock::now());
        if (on_news_) {
            on_news_();
        }
    }
    return 0;
}

/// The refusal of a query with EDNS, come when the one without is on its way.
bool Exchange::is_late_refusal_of_edns(int rcode) {
    if (!refuses_edns(rcode) || edns_unanswered_ == 0) {
        return false;
    }
    --edns_unanswered_;
    return !has_opt_record(datagram_);
}

/// c-ares knows a reply by its question, which servers that could not read the query leave out, and asks
/// without EDNS only if a FORMERR has no OPT record, which some servers echo. Both are made what c-ares
/// understands.
std::size_t Exchange::reduce_to_question(std::span<std::uint8_t> buffer) const {
    const std::size_t size = datagram_.size() - (has_opt_record(datagram_) ? opt_record_size : 0);
    constexpr std::array<std::uint8_t, 8> one_question{0, 1, 0, 0, 0, 0, 0, 0};
    std::ranges::copy(one_question, buffer.begin() + 4);
    std::copy(datagram_.begin() + NS_HFIXEDSZ, datagram_.begin() + static_cast<std::ptrdiff_t>(size),
              buffer.begin() + NS_HFIXEDSZ);
    return size;
}

/// c-ares reads its messages from the same bytes, and tells of those alone that have our id and question.
void Exchange::take_stream(std::span<const std::uint8_t> bytes) {
    stream_.insert(stream_.end(), bytes.begin(), bytes.end());
    while (stream_.size() >= 2 && !ended_at_) {
        const std::size_t size = read_16(stream_, 0);
        if (stream_.size() < 2 + size) {
            return;
        }
        take_message(std::span(stream_).subspan(2, size));
        stream_.erase(stream_.begin(), stream_.begin() + static_cast<std::ptrdiff_t>(2 + size));
    }
}

void Exchange::take_message(std::span<const std::uint8_t> message) {
    reply_.reset();
    if (++messages_ > max_messages) {
        note_bad_reply("more than " + std::to_string(max_messages) + " messages, over TCP");
        return end();
    }
    tcp_message_taken_ = true;
    auto read = read_timed(message, plan_.question);
    if (const auto* bad = std::get_if<BadReply>(&read)) {
        note_bad_reply(bad->reason + ", over TCP");
        if (message.size() < NS_HFIXEDSZ) {
            end();  // later versions of c-ares wait for another one
        }
    } else if (std::get<DnsReply>(read).truncated) {
        note_bad_reply("truncated, over TCP");
    } else {
        reply_ = std::move(std::get<DnsReply>(read));
        facts_.over_tcp = true;
        facts_.edns_unanswered = bare_ && bare_->truncated;
    }
}

void Exchange::take(DnsReply reply) {
    facts_.rcode = reply.rcode;
    facts_.authoritative = reply.authoritative;
    facts_.without_recursion = reply.without_recursion;
    facts_.referral = reply.referral;
    facts_.answers = std::move(reply.answers);
    facts_.answers_left_out = reply.answers_left_out;
    facts_.targets = std::move(reply.targets);
    facts_.targets_left_out = reply.targets_left_out;
    facts_.cnames = std::move(reply.cnames);
    facts_.cnames_left_out = reply.cnames_left_out;
    facts_.records = reply.records;
    facts_.authority = std::move(reply.authority);
    facts_.extended_errors = std::move(reply.extended_errors);
}

void Exchange::note_bad_reply(std::string reason) {
    ++facts_.bad_replies;
    facts_.bad_reply = std::move(reason);
}

void Exchange::answered(int status, bool with_message) {
    if (status == ARES_ETIMEOUT) {
        // The owner's time was up long ago, and this thread was held up: it is for the owner to say so.
        return;
    }
    if (with_message && reply_) {
        take(std::move(*reply_));
    } else if (status == ARES_ENOMEM) {
        fail_locally({"c-ares", ENOMEM, ares_strerror(status)});
    }
    end();
}

// ---- ends ----

/// Leaves errno as `error`, which c-ares reads.
void Exchange::fail(const char* operation, int error, ares_socket_t fd) {
    if (is_want_of_resources(error)) {
        fail_locally(system_error(operation, error));
    } else {
        datagram_came_.reset();  // it is not what ends the exchange
        facts_.error = error;
        facts_.icmp = take_icmp_error(fd);
    }
    errno = error;
}

void Exchange::fail_locally(LocalError error) {
    datagram_came_.reset();
    local_ = std::move(error);
    end();
}

void Exchange::end() {
    if (ended_at_) {
        return;
    }
    ended_at_ = tcp_ ? Clock::now() : datagram_came_.value_or(Clock::now());
    if (on_news_) {
        on_news_();
    }
}

// ---- hooks ----

/// What c-ares calls instead of the system. It is C and must not be unwound through.
const ares_socket_functions& Exchange::hooks() {
    static constexpr ares_socket_functions all{
        .asocket = [](int family, int type, int /*protocol*/,
                      void* self) noexcept { return of(self).open(family, type); },
        .aclose =
            [](ares_socket_t fd, void* self) noexcept {
                of(self).close(fd);
                return 0;
            },
        .aconnect = [](ares_socket_t fd, const sockaddr* to, ares_socklen_t size,
                       void* self) noexcept { return of(self).connect(fd, to, size); },
        .arecvfrom =
            [](ares_socket_t fd, void* data, std::size_t size, int /*flags*/, sockaddr* from,
               ares_socklen_t* from_size, void* self) noexcept {
                const std::span buffer(static_cast<std::uint8_t*>(data), size);
                return of(self).is_udp(fd) ? of(self).receive_datagram(buffer, from, from_size)
                                           : of(self).receive_stream(buffer);
            },
        .asendv =
            [](ares_socket_t fd, const iovec* parts, int count, void* self) noexcept {
                return of(self).send(fd, {parts, static_cast<std::size_t>(count)});
            }};
    return all;
}

}  // namespace

std::unique_ptr<DnsExchange> make_dns_exchange(asio::any_io_executor executor, DnsExchangePlan plan,
                                               std::function<void()> on_news) {
    return std::make_unique<Exchange>(std::move(executor), std::move(plan), std::move(on_news));
}

}  // namespace whylink::probes
