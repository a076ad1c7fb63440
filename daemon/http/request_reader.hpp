// Bytes into requests. Beast's parser does it; this holds it to its limits, and is compiled once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/message.hpp"

namespace whylink::daemon::http {

/// "Not Found" of 404.
std::string_view reason_of(unsigned status);

class RequestReader {
  public:
    enum class Step {
        more,     ///< bytes are needed
        expects,  ///< the same, and the client waits for 100 Continue
        request,  ///< take() it
        refused,  ///< see status() and why()
    };

    RequestReader(std::size_t max_header, std::size_t max_body);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    void add(std::string_view bytes) { buffer_ += bytes; }
    Step next();
    /// Once after each Step::request; what is behind it stays for the next.
    Request take();
    /// Of the request that take() gave, or that was refused.
    bool keep_alive() const { return keep_alive_; }
    bool is_head() const { return is_head_; }
    /// Bytes of a request that has not ended.
    bool has_begun() const;

    unsigned status() const { return status_; }
    const std::string& why() const { return why_; }

  private:
    struct Parser;

    Step refuse(unsigned status, std::string_view why);
    Step check_header();
    Step finish();

    const std::size_t max_header_;
    const std::size_t max_body_;
    std::string buffer_;
    std::unique_ptr<Parser> parser_;  ///< null between requests
    bool checked_ = false;
    bool keep_alive_ = false;
    bool is_head_ = false;
    Request request_;
    unsigned status_ = 0;
    std::string why_;
};

}  // namespace whylink::daemon::http
