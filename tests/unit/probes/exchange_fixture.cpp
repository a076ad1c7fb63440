#include "exchange_fixture.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <stdexcept>
#include <utility>
#include <variant>

namespace whylink::probes {

using namespace std::chrono_literals;

TcpProbe kept_connection(const IpAddress& address, std::uint16_t port) {
    TcpProbe probe;
    probe.address = address;
    probe.port = port;
    probe.timeout = generous;
    probe.keep = true;
    return probe;
}

TcpResult connect_once_up(asio::io_context& loop, const TcpProbe& probe) {
    const auto until = std::chrono::steady_clock::now() + generous;
    for (;;) {
        TcpResult result = run_probe(loop, probe_tcp(probe));
        if (result.socket) {
            return result;
        }
        if (std::chrono::steady_clock::now() > until) {
            throw std::runtime_error("no connection to port " + std::to_string(probe.port));
        }
        std::this_thread::sleep_for(5ms);
    }
}

asio::ip::tcp::socket connect_to(asio::io_context& loop, std::uint16_t port, const IpAddress& address) {
    TcpResult result = run_probe(loop, probe_tcp(kept_connection(address, port)));
    if (!result.socket) {
        throw std::runtime_error("not connected");
    }
    return std::move(*result.socket);
}

asio::awaitable<std::string> hear(asio::io_context& loop, Stream& stream) {
    Deadline deadline(loop.get_executor(), Deadline::Clock::now() + generous);
    std::string heard;
    for (;;) {
        const std::string bytes = co_await stream.read(deadline);
        if (bytes.empty()) {
            EXPECT_FALSE(stream.status().timed_out);
            co_return heard;
        }
        heard += bytes;
    }
}

asio::awaitable<std::string> say_and_hear(asio::io_context& loop, Stream& stream, std::string bytes) {
    Deadline deadline(loop.get_executor(), Deadline::Clock::now() + generous);
    co_await stream.write(bytes, deadline);
    std::string heard = co_await hear(loop, stream);
    co_return heard;
}

OnePeer::OnePeer(std::function<void(int fd)> act, const IpAddress& address)
    : listener_(address, SOCK_STREAM, 8), thread_([this, act = std::move(act)] {
          ::signal(SIGPIPE, SIG_IGN);  // of OpenSSL's writes to a client that is gone
          const Fd peer = listener_.accept();
          act(peer.get());
      }) {}

OnePeer::~OnePeer() {
    join();
}

void OnePeer::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::string receive(int fd, std::size_t size) {
    if (size == 0) {
        return {};  // recv(2) of nothing would take the error of a RST with it
    }
    std::string bytes(size, '\0');
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

std::string receive_until(int fd, const std::string& ending) {
    std::string bytes;
    while (!bytes.ends_with(ending)) {
        const std::string byte = receive(fd, 1);
        if (byte.empty()) {
            break;
        }
        bytes += byte;
    }
    return bytes;
}

void transmit(int fd, const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t sent = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        done += static_cast<std::size_t>(sent);
    }
}

void make_reset(int fd) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void wait_for_hang_up(int fd) {
    pollfd waiting{fd, 0, 0};  // POLLHUP and POLLERR come unasked
    EXPECT_EQ(::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(generous).count())), 1);
}

namespace {

lab::TestCa& ca() {
    static lab::TestCa authority;
    return authority;
}

}  // namespace

lab::TlsService tls_service() {
    static const auto issued = ca().issue_server(tls_name);
    lab::TlsService service;
    service.certificate = issued.certificate;
    service.key = issued.key;
    return service;
}

lab::TlsService tls_service_for_clients() {
    lab::TlsService service = tls_service();
    service.client_ca = ca().certificate();
    return service;
}

const lab::IssuedCertificate& certificate_of_another_name() {
    static const auto issued = ca().issue_server("other.example.test");
    return issued;
}

TlsProbe tls_probe(std::uint16_t port) {
    static TlsContexts contexts;
    TlsSettings settings;
    settings.ca_file = ca().certificate_file();
    TlsProbe probe;
    probe.address = loopback_v4;
    probe.port = port;
    probe.server_name = tls_name;
    probe.timeout = generous;
    probe.context = std::get<TlsContextPtr>(contexts.get(settings));
    return probe;
}

}  // namespace whylink::probes
