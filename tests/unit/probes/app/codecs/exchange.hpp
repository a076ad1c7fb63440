// Plays a server's part to a codec.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "probes/app/codecs/codec.hpp"

namespace whylink::probes {

/// Of an application whose request has nothing further to choose.
inline AppRequest request_for(config::App app, bool tls = false) {
    AppRequest request;
    request.app = app;
    request.tls = tls;
    return request;
}

struct Exchanged {
    AppFacts facts;
    std::string sent;
    Codec::Next next = Codec::Next::read;  ///< what the codec wanted last
};

/// The server says `reply`, in pieces of `piece` bytes (0: in one), and then closes if `ends`. TLS that the
/// codec asks for is there at once; what the server says further comes over it.
Exchanged exchange(const AppRequest& request, std::string_view reply, bool ends = false,
                   std::size_t piece = 0);

/// The same, and expects that the outcome does not depend on how the stream is cut.
Exchanged exchange_anyhow(const AppRequest& request, std::string_view reply, bool ends = false);

/// What the codec makes of each beginning of `reply` that is shorter than all of it: `none`, or `whole`.
/// Fails the test where it is anything else.
void expect_no_other_reply_of_a_beginning(const AppRequest& request, std::string_view reply, AppReply whole);

}  // namespace whylink::probes
