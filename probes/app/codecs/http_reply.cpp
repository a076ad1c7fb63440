#include "probes/app/codecs/http_reply.hpp"

#include <algorithm>
#include <charconv>

#include "config/ascii.hpp"
#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"

namespace whylink::probes {
namespace {

using State = HttpReply::State;

constexpr std::string_view version_begin = "HTTP/1.";
constexpr std::size_t max_status_line = 1024;
constexpr std::size_t max_line_kept = 1024;  // of a header; the rest of it is passed over
constexpr std::size_t max_body = 512;

/// A colon, and then perhaps blanks, stand between name and value (RFC 9112 section 5).
std::string_view value_after(std::string_view line, std::size_t colon) {
    line.remove_prefix(colon + 1);
    const auto begin = line.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

}  // namespace

State HttpReply::received(std::string_view bytes) {
    for (const char byte : bytes) {
        if (state_ != State::more) {
            break;
        }
        state_ = take(byte);
        if (state_ == State::more && ++taken_ >= Codec::max_bytes) {
            state_ = headers_complete_ ? State::complete : State::too_long;
        }
    }
    return state_;
}

State HttpReply::take(char byte) {
    if (part_ == Part::body) {
        return take_of_body(byte);
    }
    if (part_ == Part::status_line) {
        return take_of_status_line(byte);
    }
    if (byte == '\n') {
        return line_ended();
    }
    if (line_.size() < max_line_kept) {
        line_ += byte;
    } else if (byte != '\r') {
        ++passed_over_;
    }
    return State::more;
}

State HttpReply::take_of_status_line(char byte) {
    if (byte == '\n') {
        return line_ended();
    }
    line_ += byte;
    const bool possible = may_begin_with(line_, version_begin) && line_.size() <= max_status_line;
    return possible ? State::more : State::not_http;
}

State HttpReply::line_ended() {
    const std::string line(first_line(line_));
    line_.clear();
    if (part_ == Part::status_line) {
        part_ = Part::headers;
        return read_status_line(line) ? State::more : State::not_http;
    }
    if (line.empty()) {
        return headers_ended();
    }
    read_header(line);
    passed_over_ = 0;
    return State::more;
}

bool HttpReply::read_status_line(std::string_view line) {
    constexpr std::size_t code = version_begin.size() + 2;
    if (line.size() < code + 3 || !may_begin_with(line, version_begin)) {
        return false;
    }
    if (!is_digit(line[code - 2]) || line[code - 1] != ' ') {
        return false;
    }
    if (line.size() > code + 3 && line[code + 3] != ' ') {
        return false;
    }
    minor_version_ = static_cast<unsigned>(line[code - 2] - '0');
    const auto digits = line.substr(code, 3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), status_);
    reason_ = squeezed(line.substr(code + 3));
    return error == std::errc() && end == digits.data() + digits.size() && status_ >= 100;
}

void HttpReply::read_header(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    const std::string name = lower_case(line.substr(0, colon));
    const std::string_view value = value_after(line, colon);
    if (name == "server") {
        server_ = one_line(value, passed_over_);
    } else if (name == "location") {
        location_ = first_line(value);
    } else if (name == "x-amzn-errortype" || name == "x-ms-error-code") {
        // AWS appends ":" and an address to some.
        error_code_ = squeezed(value.substr(0, value.find(':')));
    } else if (name == "www-authenticate") {
        challenges_ = true;
    } else if (name == "content-length") {
        std::uint64_t length = 0;
        if (std::from_chars(value.data(), value.data() + value.size(), length).ec == std::errc()) {
            length_ = length;
        }
    } else if (name == "transfer-encoding") {
        chunked_ = contains(lower_case(value), "chunked");
    }
}

State HttpReply::headers_ended() {
    // An interim response; 101 would be the answer to an Upgrade that nobody asked for.
    if (status_ < 200 && status_ != 101) {
        part_ = Part::status_line;
        server_.clear();
        location_.clear();
        error_code_.clear();
        challenges_ = false;
        length_.reset();
        chunked_ = false;
        return State::more;
    }
    part_ = Part::body;
    headers_complete_ = true;
    return has_body() ? State::more : State::complete;
}

bool HttpReply::has_body() const {
    if (status_ == 101 || status_ == 204 || status_ == 304) {
        return false;
    }
    return (wants_body_ || status_ >= 400) && (chunked_ || length_ != 0U);
}

State HttpReply::take_of_body(char byte) {
    constexpr std::string_view last_chunk = "0\r\n\r\n";
    body_ += byte;
    if (body_.size() >= max_body) {
        return State::complete;
    }
    if (chunked_) {
        const bool over = body_ == last_chunk || body_.ends_with("\r\n" + std::string(last_chunk));
        return over ? State::complete : State::more;
    }
    return length_ && body_.size() >= *length_ ? State::complete : State::more;
}

std::string_view HttpReply::body() const {
    std::string_view body = body_;
    if (chunked_) {
        body.remove_prefix(std::min(body.size(), body.find('\n') + 1));
    }
    return body;
}

}  // namespace whylink::probes
