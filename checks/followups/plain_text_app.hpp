// Which application may be spoken to in plain text, to see whether it listens there.
#pragma once

#include "config/config.hpp"

namespace whylink::checks {

struct PlainTextApp {
    config::App app = config::App::none;
    /// The config or the profile names it, so that its silence says something; else its port suggests it.
    bool known = false;
};

/// `none` where nothing is known to be safe to send. Never what negotiates TLS inside its own protocol.
PlainTextApp plain_text_app(const config::Endpoint& endpoint);

}  // namespace whylink::checks
