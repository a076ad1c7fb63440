// Content-Encoding: gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace whylink::daemon::http {

/// By the Accept-Encoding header (RFC 9110, section 12.5.3): gzip, or *, with a weight that is not 0.
bool accepts_gzip(std::string_view accept_encoding);

/// Compresses what it is given, piece by piece.
class Gzip {
  public:
    Gzip();
    ~Gzip();
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    void add(std::string_view piece);
    /// The whole, once.
    std::string finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::daemon::http
