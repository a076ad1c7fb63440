#include "probes/tcp/tcp.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <asio/this_coro.hpp>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "probes/deadline.hpp"
#include "probes/host/acceptor.hpp"
#include "probes/host/let_out.hpp"
#include "probes/host/limits.hpp"
#include "probes/host/tracking.hpp"
#include "probes/tcp/icmp_error.hpp"
#include "probes/tcp/proxy_protocol.hpp"
#include "probes/tcp/socket_address.hpp"
#include "probes/tcp/stream_socket.hpp"

namespace whylink::probes {
namespace {

using Clock = std::chrono::steady_clock;
using Socket = asio::ip::tcp::socket;

constexpr std::size_t kept_first_bytes = 64;

enum class State { connecting, connected, failed };

/// Where the connection stands, and its TCP_INFO. On loopback, and between a SYN-ACK and a FIN that follow
/// each other, it is further on than the last event says.
State inspect(int fd, TcpFacts& facts) {
    tcp_info info{};
    socklen_t length = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        facts.error = errno;
        return State::failed;
    }
    facts.info = TcpInfo{info.tcpi_total_retrans, std::chrono::microseconds(info.tcpi_rtt), info.tcpi_snd_mss,
                         info.tcpi_rcv_mss};
    const bool handshake = info.tcpi_state == TCP_SYN_SENT || info.tcpi_state == TCP_SYN_RECV;
    if (!handshake && info.tcpi_state != TCP_CLOSE) {
        return State::connected;
    }
    // Also while the handshake goes on: an ICMP error that comes back while the kernel still holds the socket
    // (a rule of this host answers so) is only noted there, and the SYN is sent again in vain.
    length = sizeof facts.error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &facts.error, &length);
    if (facts.error == 0 && info.tcpi_state == TCP_CLOSE) {
        facts.error = ECONNABORTED;
    }
    return facts.error != 0 ? State::failed : State::connecting;
}

/// ip-sysctl, tcp_ecn; of this network namespace.
std::optional<int> ecn_setting() {
    std::ifstream file("/proc/sys/net/ipv4/tcp_ecn");
    int value = 0;
    return file >> value ? std::optional(value) : std::nullopt;
}

/// What connect(2) and ip(7) give at once, before anything is sent, when the routing table has nothing to
/// offer. EINVAL is a blackhole route, or a link-local address without an interface.
bool is_routing_error(int error) {
    return means_no_route(error) || error == EINVAL;
}

class Attempt {
  public:
    Attempt(const TcpProbe& probe, asio::any_io_executor executor)
        : probe_(probe),
          executor_(std::move(executor)),
          destination_(probe.address, probe.port),
          deadline_(executor_, Clock::now() + probe.timeout) {
        observation_.stage = Stage::tcp;
        observation_.started = WallClock::now();
        observation_.address = probe.address;
        observation_.port = probe.port;
        observation_.facts.emplace<TcpFacts>();
    }

    asio::awaitable<TcpResult> run() {
        if (open() && start()) {
            co_await finish_connecting();
        }
        observation_.took = decided_ - started_;
        TcpResult result;
        result.flow = std::move(flow_);
        if (facts().connected && !observation_.local) {
            if (probe_.on_connected) {
                probe_.on_connected();
            }
            const bool begun = send_proxy_header();
            if (begun) {
                co_await watch_for(probe_.keep ? probe_.listen_first : probe_.settle);
            }
            // Nobody asks about a connection that stays as it should and ends here.
            if (probe_.keep || facts().bytes_received > 0 || facts().end != StreamEnd::none) {
                ask_tracking();
            }
            if (begun && is_wanted()) {
                result.socket = hand_over();
            }
        }
        result.observation = std::move(observation_);
        co_return result;
    }

  private:
    TcpFacts& facts() { return get<TcpFacts>(observation_.facts); }

    /// False, for who gives it up with that.
    bool fail_locally(std::string operation, int error) {
        observation_.local = system_error(std::move(operation), error);
        return false;
    }

    bool fail_for_want_of_ports(int error) {
        LocalError local = system_error("connect", error);
        const std::string ports = local_ports_text();
        local.text = "no local port is free towards " + endpoint_text(probe_.address, probe_.port) +
                     (ports.empty() ? "" : ": " + ports);
        observation_.local = std::move(local);
        return false;
    }

    /// False when this host cannot.
    bool register_socket() {
        observation_.local = socket_->register_with(executor_, destination_.v6());
        return !observation_.local;
    }

    void fail(int error) {
        facts().error = error;
        facts().no_route = is_routing_error(error);
    }

    bool open() {
        const int fd =
            ::socket(destination_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        if (fd < 0) {
            if (errno == EAFNOSUPPORT) {  // a kernel without IPv6
                fail(errno);
            } else {
                fail_locally("socket", errno);
            }
            return false;
        }
        socket_.emplace(fd);
        observation_.local = apply(probe_.options, fd);
        if (observation_.local) {
            return false;
        }
        if (!set_receive_errors(fd, destination_.v6(), true)) {
            return fail_locally("IP_RECVERR", errno);
        }
        return hold_segments(fd);
    }

    /// Before the connection is up, so that the SYN says it too and the peer's segments are held to it.
    bool hold_segments(int fd) {
        facts().max_segment = probe_.max_segment;
        const int most = static_cast<int>(probe_.max_segment);
        if (most != 0 && ::setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &most, sizeof most) != 0) {
            return fail_locally("TCP_MAXSEG", errno);
        }
        return true;
    }

    /// True when the connection is up or under way.
    bool start() {
        // The time is that of the connection, not of making its socket.
        started_ = decided_ = Clock::now();
        const int error =
            ::connect(fd(), destination_.data(), destination_.length()) == 0 ? EINPROGRESS : errno;
        decided_ = Clock::now();
        if (error == EINPROGRESS) {
            return true;
        }
        // The same errno says that no source port is left, and that this host has no address of the family.
        const bool out_of_ports = error == EADDRNOTAVAIL && has_route(probe_.address, probe_.options);
        if (out_of_ports) {
            return fail_for_want_of_ports(error);
        }
        if (is_want_of_resources(error)) {
            return fail_locally("connect", error);
        }
        facts().icmp = take_icmp_error(fd());
        fail(error);
        facts().no_route = facts().no_route && !facts().icmp;
        return false;
    }

    void follow() {
        if (probe_.tap != nullptr && facts().local_address && facts().local_port != 0) {
            flow_ = probe_.tap->follow({IPPROTO_TCP, *facts().local_address, facts().local_port,
                                        *destination_.address(), probe_.port});
        }
    }

    asio::awaitable<void> finish_connecting() {
        State state = inspect(fd(), facts());
        facts().at_once = state != State::connecting;
        note_local_address();
        // Before the event loop can hand on any packet of it.
        follow();
        if (state == State::connecting && !register_socket()) {
            co_return;
        }
        while (state == State::connecting) {
            const auto waited = co_await deadline_.wait(socket_->on_loop(), Socket::wait_write);
            decided_ = Clock::now();
            state = inspect(fd(), facts());
            if (state == State::connecting) {
                // Emptied, or the queue alone would wake the next wait at once.
                note_icmp_error();
                if (waited == Deadline::Wait::expired) {
                    note_time_out();
                    break;
                }
            }
        }
        if (state == State::failed) {
            note_icmp_error();
            // The kernel gave up sending SYNs before we did (tcp(7), tcp_syn_retries).
            facts().timed_out = facts().error == ETIMEDOUT;
        }
        facts().connected = state == State::connected;
        if (facts().connected && facts().info && facts().info->retransmits > 0) {
            facts().tcp_ecn = ecn_setting();
        }
        // A reset within connect() comes from somebody who has accepted.
        if (facts().error == ECONNRESET) {
            ask_tracking();
        }
        if (facts().connected && probe_.ask_acceptor) {
            facts().acceptor = ask_acceptor(fd(), probe_.address, probe_.port);
        }
    }

    void ask_tracking() { facts().let_out = let_out(fd(), destination_.v6()); }

    /// What this host's own rules and tables may have to do with it.
    void note_time_out() {
        facts().timed_out = true;
        ask_tracking();
        facts().tracking = read_tracking();
    }

    void note_icmp_error() {
        if (const auto error = take_icmp_error(fd())) {
            facts().icmp = error;
        }
    }

    void note_local_address() {
        const SocketAddress local = local_address(fd());
        facts().local_address = local.address();
        facts().local_port = local.port();
    }

    /// A new connection's send buffer has room for it, so it goes at once or never. False when the connection
    /// has ended already: nothing can be made of it then.
    bool send_proxy_header() {
        facts().proxy_header = probe_.proxy_header;
        if (probe_.proxy_header == ProxyHeaderSent::none) {
            return true;
        }
        const std::string header =
            proxy_header_bytes(probe_.proxy_header, facts().local_address.value_or(IpAddress()),
                               facts().local_port, probe_.address, probe_.port);
        const ssize_t sent = ::send(fd(), header.data(), header.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(header.size())) {
            return true;
        }
        const int error = sent < 0 ? errno : ENOBUFS;
        if (is_want_of_resources(error)) {
            return fail_locally("PROXY header", error);
        }
        read_once();
        // The send took the error, and left the read an ordinary end. EPIPE: the peer's FIN, and then its
        // RST.
        facts().end_error = error == EPIPE ? 0 : error;
        facts().end = stream_end(facts().end_error);
        return false;
    }

    /// On an established connection a passing ICMP error is to be survived, as every other client survives
    /// it.
    void stop_receiving_errors() { set_receive_errors(fd(), destination_.v6(), false); }

    std::optional<Socket> hand_over() {
        stop_receiving_errors();
        return register_socket() ? std::optional(socket_->release()) : std::nullopt;
    }

    /// By who goes on with it.
    bool is_wanted() const {
        const auto& seen = get<TcpFacts>(observation_.facts);
        if (observation_.local) {
            return false;
        }
        if (probe_.keep) {
            return seen.end == StreamEnd::none && seen.end_error == 0;
        }
        return probe_.keep_when != nullptr && seen.bytes_received > 0 && probe_.keep_when(seen.first_bytes);
    }

    asio::awaitable<void> watch_for(std::chrono::milliseconds longest) {
        if (longest.count() <= 0) {
            co_return;
        }
        stop_receiving_errors();
        const auto began = Clock::now();
        deadline_.move_to(began + longest);
        while (!read_once()) {
            if (!register_socket()) {
                co_return;
            }
            if (co_await deadline_.wait(socket_->on_loop(), Socket::wait_read) == Deadline::Wait::expired) {
                read_once();
                break;
            }
        }
        facts().watched = Clock::now() - began;
    }

    /// True when the watch is over: a first byte, the peer's end, or an error.
    bool read_once() {
        std::array<char, 4096> buffer;
        // Peeked at, for who goes on with the connection reads it again.
        const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), MSG_PEEK);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            return false;
        }
        if (size > 0) {
            const auto length = static_cast<std::size_t>(size);
            facts().bytes_received = length;
            facts().first_bytes.assign(buffer.data(), std::min(length, kept_first_bytes));
            return true;
        }
        facts().end_error = size < 0 ? errno : 0;
        facts().end = stream_end(facts().end_error);
        return true;
    }

    int fd() const { return socket_->fd(); }

    const TcpProbe& probe_;
    asio::any_io_executor executor_;
    SocketAddress destination_;
    Clock::time_point started_{};
    Clock::time_point decided_{};  ///< when the connection was last looked at
    Deadline deadline_;
    std::optional<StreamSocket> socket_;
    std::optional<FollowedFlow> flow_;
    Observation observation_;
};

}  // namespace

asio::awaitable<TcpResult> probe_tcp(TcpProbe probe) {
    Attempt attempt(probe, co_await asio::this_coro::executor);
    co_return co_await attempt.run();
}

}  // namespace whylink::probes
