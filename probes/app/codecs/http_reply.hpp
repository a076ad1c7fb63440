// Reads the beginning of an HTTP/1 response (RFC 9112): the status line, the headers, and the first bytes of
// a body that says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace whylink::probes {

class HttpReply {
  public:
    enum class State {
        more,      ///< not all there yet
        complete,  ///< all that is wanted
        not_http,  ///< what came cannot be an HTTP/1 response
        too_long,  ///< its headers do not end within Codec::max_bytes
    };

    /// The body is wanted of every status, and not only of refusals.
    explicit HttpReply(bool wants_body = false) : wants_body_(wants_body) {}

    /// The same however the stream is cut. Once it is not `more` it changes nothing.
    State received(std::string_view bytes);

    /// 0 until the headers of a final response (not 1xx) are complete, and beyond that the response counts,
    /// whatever becomes of its body.
    int status() const { return headers_complete_ ? status_ : 0; }
    const std::string& reason() const { return reason_; }
    /// The Server header, as one_line() makes it.
    const std::string& server() const { return server_; }
    /// The Location header as it stands, without its end where it is longer than 1,000 bytes.
    const std::string& location() const { return location_; }
    /// Of HTTP/1.
    unsigned minor_version() const { return minor_version_; }
    /// Of the Content-Length header; absent without.
    std::optional<std::uint64_t> content_length() const { return length_; }
    /// What a cloud's API calls its refusal, in a header of its own: x-amzn-ErrorType, x-ms-error-code. Empty without.
    const std::string& error_code() const { return error_code_; }
    /// WWW-Authenticate is there: it says how to show credentials.
    bool challenges() const { return challenges_; }
    /// Of the body its first bytes, 512 at most.
    std::string_view body() const;

  private:
    enum class Part { status_line, headers, body };

    State take(char byte);
    State take_of_status_line(char byte);
    State line_ended();
    State headers_ended();
    State take_of_body(char byte);
    bool read_status_line(std::string_view line);
    void read_header(std::string_view line);
    bool has_body() const;

    bool wants_body_;
    State state_ = State::more;
    Part part_ = Part::status_line;
    std::size_t taken_ = 0;
    std::string line_;  ///< the one that has not ended
    bool headers_complete_ = false;
    int status_ = 0;
    unsigned minor_version_ = 1;
    std::size_t passed_over_ = 0;  ///< bytes of the present line beyond what is kept
    std::string reason_;
    std::string server_;
    std::string location_;
    std::string error_code_;
    bool challenges_ = false;
    std::optional<std::uint64_t> length_;
    bool chunked_ = false;
    std::string body_;
};

}  // namespace whylink::probes
