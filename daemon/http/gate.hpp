// What every request has to pass before a route sees it: the right Host, no other site's Origin, and a user where
// there are users.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/http/message.hpp"

namespace whylink::daemon::http {

class Gate {
  public:
    explicit Gate(Handler inside);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// By name, with bcrypt hashes; empty: everybody is let in. Any thread.
    void use_users(std::map<std::string, std::string> users);
    /// As a Handler. Where a password has to be computed, `inside` is called on another thread.
    void handle(Request request, Respond respond);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace whylink::daemon::http
