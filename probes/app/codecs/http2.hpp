// One GET over HTTP/2, with prior knowledge or where ALPN chose it (RFC 9113, sections 3.2 and 3.3).
#pragma once

#include <memory>
#include <string>

#include "probes/app/codecs/codec.hpp"

namespace whylink::probes {

/// Judges the status as over HTTP/1. A server that ends the stream or the connection without one has been reached, and
/// has refused the request, as gRPC servers do with what is not gRPC: AppReply::unexpected without a status.
std::unique_ptr<Codec> make_http2(const AppRequest& request, std::string path);

}  // namespace whylink::probes
