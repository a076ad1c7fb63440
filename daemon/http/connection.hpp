// One connection: reads a request, waits for its answer, writes it, and reads the next.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/departure.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/request_reader.hpp"
#include "daemon/http/server.hpp"
#include "daemon/http/transport.hpp"

namespace whylink::daemon::http {

class Connection;

/// Whose connections they are. All of it on the server's thread.
class ConnectionOwner {
  public:
    virtual ~ConnectionOwner() = default;
    ConnectionOwner(const ConnectionOwner&) = delete;
    ConnectionOwner& operator=(const ConnectionOwner&) = delete;

    virtual void handle(const std::shared_ptr<Connection>& connection, Request request) = 0;
    /// Whether the text may wait for its reader beside all that wait already; then it counts until released.
    virtual bool reserve(const Connection& connection, const std::shared_ptr<const std::string>& text) = 0;
    virtual void release(const std::shared_ptr<const std::string>& text) = 0;
    virtual void ended(const Connection& connection) = 0;

  protected:
    ConnectionOwner() = default;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Clock = std::chrono::steady_clock;
    enum class Phase { handshake, waiting, reading, handling, writing, ending };

    struct Traits {
        std::string peer;
        bool tls = false;
        bool on_loopback = false;
    };

    /// `owner` outlives every use of the connection.
    Connection(ConnectionOwner& owner, const Limits& limits, std::unique_ptr<Transport> transport,
               Traits traits);

    void begin();
    /// To the request of that number; nothing when it is another's turn.
    void respond(std::uint64_t number, Response response);
    /// Its next answer is its last.
    void retire() { retiring_ = true; }
    /// At once. Does not tell the owner.
    void close();
    /// The same, for a peer that must not go on reading what is in the kernel's buffer.
    void cut();

    const std::string& peer() const { return traits_.peer; }
    std::uint64_t number() const { return number_; }
    /// Nobody loses an answer when it is closed.
    bool is_idle() const {
        return phase_ == Phase::handshake || phase_ == Phase::waiting || phase_ == Phase::reading;
    }
    bool is_writing() const { return phase_ == Phase::writing; }
    /// It is answered, and has asked for more meanwhile, as no browser and no Prometheus does.
    bool is_pipelining() const { return !is_idle() && reader_.has_begun(); }
    /// When the peer last took some of its answer, or the answer began.
    Clock::time_point last_progress() const { return last_progress_; }
    /// Since its last request, or since it came.
    Clock::time_point idle_since() const { return idle_since_; }

  private:
    void enter(Phase phase, std::chrono::milliseconds limit);
    void arm(std::chrono::milliseconds limit);
    void timed_out();
    void wait_for_request(std::chrono::milliseconds limit);
    void read();
    void have_read(const boost::system::error_code& error, std::size_t size);
    void parse();
    void say_continue();
    void refuse(unsigned status, const std::string& why);
    void begin_writing(Response response);
    void write();
    void have_written(const boost::system::error_code& error, std::size_t size);
    void answered();
    void end();
    void lose();
    void release_answer();
    void say_gone();

    ConnectionOwner& owner_;
    const Limits limits_;
    std::unique_ptr<Transport> transport_;
    Traits traits_;
    Phase phase_ = Phase::handshake;
    Clock::time_point phase_began_ = Clock::now();
    Clock::time_point idle_since_ = phase_began_;
    Clock::time_point last_progress_ = phase_began_;
    boost::asio::steady_timer timer_;
    std::uint64_t armed_ = 0;  ///< which setting of the timer counts
    bool closed_ = false;
    bool retiring_ = false;

    std::array<char, std::size_t{8} << 10> chunk_{};
    RequestReader reader_;
    bool reading_ = false;                  ///< the transport has been asked for bytes
    bool peer_ended_ = false;               ///< its half: nothing more comes
    std::uint64_t number_ = 0;              ///< of the request
    std::shared_ptr<Departure> departure_;  ///< of the request that is handled
    bool head_only_ = false;
    bool keep_ = false;  ///< open after this answer

    std::string head_;
    std::shared_ptr<const std::string> body_;  ///< null: none, or none that counts
    std::size_t sent_ = 0;                     ///< of both
};

}  // namespace whylink::daemon::http
