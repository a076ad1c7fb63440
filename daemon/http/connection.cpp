#include "daemon/http/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>
#include <ctime>
#include <string_view>
#include <utility>

#include "config/ascii.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

/// How long a peer may take to close once everything has been said.
constexpr auto max_end = 1s;
/// How much of an answer is handed to the kernel at once: what a peer has taken of it is progress.
constexpr std::size_t max_piece = std::size_t{64} << 10;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

/// RFC 9110, section 5.6.7.
std::string http_date(std::time_t now) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm time{};
    gmtime_r(&now, &time);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                       days.at(static_cast<std::size_t>(time.tm_wday)), time.tm_mday,
                       months.at(static_cast<std::size_t>(time.tm_mon)), time.tm_year + 1900, time.tm_hour,
                       time.tm_min, time.tm_sec);
}

/// A line feed in a value would be the end of the field.
std::string field_value(std::string text) {
    std::ranges::replace_if(text, is_control, ' ');
    return text;
}

std::string head_of(const Response& response, bool keep) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                                   response.status, reason_of(response.status), http_date(std::time(nullptr)),
                                   field_value(response.content_type), response.content().size());
    for (const auto& [name, value] : response.headers) {
        head += fmt::format("{}: {}\r\n", name, field_value(value));
    }
    return head + (keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace

Connection::Connection(ConnectionOwner& owner, const Limits& limits, std::unique_ptr<Transport> transport,
                       Traits traits)
    : owner_(owner),
      limits_(limits),
      transport_(std::move(transport)),
      traits_(std::move(traits)),
      timer_(transport_->socket().get_executor()),
      reader_(limits.header, limits.body) {}

// ---- its times ----

void Connection::enter(Phase phase, std::chrono::milliseconds limit) {
    phase_ = phase;
    phase_began_ = Clock::now();
    last_progress_ = phase_began_;
    arm(limit);
}

void Connection::arm(std::chrono::milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this(), armed = ++armed_](const error_code&) {
        // What was set again meanwhile may have been on its way already.
        if (armed == self->armed_ && !self->closed_) {
            self->timed_out();
        }
    });
}

void Connection::timed_out() {
    if (phase_ == Phase::reading) {
        refuse(408, "the request took too long to arrive");
    } else if (phase_ == Phase::writing) {
        cut();
        owner_.ended(*this);
    } else {
        lose();
    }
}

// ---- requests ----

void Connection::begin() {
    enter(Phase::handshake, limits_.first);
    transport_->handshake([self = shared_from_this()](const error_code& error) {
        if (self->closed_) {
            return;
        }
        if (error) {
            self->lose();
            return;
        }
        // The time for the handshake is a part of that for the first request, so the timer goes on.
        self->phase_ = Phase::waiting;
        self->read();
    });
}

void Connection::wait_for_request(std::chrono::milliseconds limit) {
    idle_since_ = Clock::now();
    enter(Phase::waiting, limit);
    parse();
}

/// One at a time: what was asked for in one phase may come in another.
void Connection::read() {
    if (std::exchange(reading_, true)) {
        return;
    }
    transport_->read(boost::asio::buffer(chunk_),
                     [self = shared_from_this()](const error_code& error, std::size_t size) {
                         self->reading_ = false;
                         if (!self->closed_) {
                             self->have_read(error, size);
                         }
                     });
}

void Connection::have_read(const error_code& error, std::size_t size) {
    const bool wants_request = phase_ == Phase::waiting || phase_ == Phase::reading;
    if (error && phase_ == Phase::handling) {
        // It may have closed its half alone, and still read.
        say_gone();
    } else if (error && phase_ != Phase::writing) {
        lose();
    } else if (phase_ == Phase::ending) {
        read();
    } else if (!error) {
        reader_.add({chunk_.data(), size});
        if (wants_request) {
            parse();
        }
    }
}

void Connection::parse() {
    if (phase_ == Phase::waiting && reader_.has_begun()) {
        enter(Phase::reading, limits_.request);
    }
    switch (reader_.next()) {
        case RequestReader::Step::more:
            read();
            break;
        case RequestReader::Step::expects:
            say_continue();
            break;
        case RequestReader::Step::refused:
            refuse(reader_.status(), reader_.why());
            break;
        case RequestReader::Step::request: {
            head_only_ = reader_.is_head();
            keep_ = reader_.keep_alive();
            ++number_;
            enter(Phase::handling, limits_.handling);
            Request request = reader_.take();
            request.peer = traits_.peer;
            request.tls = traits_.tls;
            request.on_loopback = traits_.on_loopback;
            departure_ = std::make_shared<Departure>();
            request.departure = departure_;
            // So that a client that goes is noticed. What has been read already is enough: nothing piles up here.
            if (!reader_.has_begun()) {
                read();
            }
            owner_.handle(shared_from_this(), std::move(request));
            break;
        }
    }
}

void Connection::say_continue() {
    // It is far smaller than what the kernel takes at once, and nothing else is being written.
    transport_->write({boost::asio::const_buffer(continue_line.data(), continue_line.size()), {}},
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                          if (self->closed_ || self->phase_ != Phase::reading) {
                              return;
                          }
                          if (error) {
                              self->lose();
                          } else {
                              self->read();
                          }
                      });
}

void Connection::refuse(unsigned status, const std::string& why) {
    keep_ = false;
    head_only_ = false;
    ++number_;
    begin_writing(plain(status, why));
}

// ---- answers ----

void Connection::respond(std::uint64_t number, Response response) {
    if (!closed_ && phase_ == Phase::handling && number == number_) {
        begin_writing(std::move(response));
    }
}

void Connection::begin_writing(Response response) {
    departure_ = nullptr;
    keep_ = keep_ && !retiring_;
    enter(Phase::writing, limits_.progress);
    std::shared_ptr<const std::string> body =
        response.page ? response.page : std::make_shared<const std::string>(std::move(response.body));
    response.page = body;
    if (!head_only_ && !owner_.reserve(*this, body)) {
        response = plain(503, "too many answers wait to be read");
        response.headers.emplace_back("Retry-After", "1");
        body = std::make_shared<const std::string>(std::move(response.body));
        response.page = body;
        head_ = head_of(response, keep_) + *body;
        body_ = nullptr;
    } else {
        head_ = head_of(response, keep_);
        body_ = head_only_ ? nullptr : std::move(body);
    }
    sent_ = 0;
    write();
}

void Connection::write() {
    const std::size_t of_head = std::min(sent_, head_.size());
    const std::size_t of_body = sent_ - of_head;
    const boost::asio::const_buffer body =
        body_ ? boost::asio::buffer(*body_) + of_body : boost::asio::const_buffer();
    transport_->write({boost::asio::buffer(head_) + of_head, boost::asio::buffer(body, max_piece)},
                      [self = shared_from_this()](const error_code& error, std::size_t size) {
                          self->have_written(error, size);
                      });
}

void Connection::have_written(const error_code& error, std::size_t size) {
    if (closed_) {
        return;
    }
    if (error) {
        lose();
        return;
    }
    sent_ += size;
    last_progress_ = Clock::now();
    if (sent_ >= head_.size() + (body_ ? body_->size() : 0)) {
        answered();
        return;
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(phase_began_ + limits_.writing - Clock::now());
    arm(std::clamp(left, std::chrono::milliseconds(0), limits_.progress));
    write();
}

void Connection::release_answer() {
    if (body_) {
        owner_.release(std::exchange(body_, nullptr));
    }
    head_ = {};
}

void Connection::answered() {
    release_answer();
    if (keep_ && !retiring_) {
        wait_for_request(limits_.idle);
    } else {
        end();
    }
}

// ---- the end ----

void Connection::end() {
    enter(Phase::ending, max_end);
    transport_->end([self = shared_from_this()](const error_code& error) {
        if (self->closed_) {
            return;
        }
        if (error || self->traits_.tls) {
            self->lose();
        } else {
            // What the peer still sends is read for a while: closing on unread bytes would be a RST, which takes from
            // the peer what it has not read of the answer.
            self->read();
        }
    });
}

void Connection::say_gone() {
    if (const auto departure = std::exchange(departure_, nullptr)) {
        departure->gone();
    }
}

void Connection::lose() {
    close();
    owner_.ended(*this);
}

void Connection::cut() {
    error_code ignored;
    transport_->socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
    close();
}

void Connection::close() {
    if (std::exchange(closed_, true)) {
        return;
    }
    release_answer();
    say_gone();
    timer_.cancel();
    error_code ignored;
    transport_->socket().close(ignored);
}

}  // namespace whylink::daemon::http
