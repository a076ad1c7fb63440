// Answers requests: one AccountReader for each account, kept between requests with its credentials, token buckets and
// memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "control/credentials/environment.hpp"
#include "control/http/transport.hpp"
#include "control/protocol/messages.hpp"
#include "control/secrets/redaction.hpp"

namespace whylink::control {

class Reader {
  public:
    /// Both outlive it.
    Reader(Transport& transport, const Environment& environment);
    ~Reader();

    /// Within the request's time-out; may be called from several threads, and requests of one account wait for each
    /// other. No text of the answer has a secret.
    Answer answer(const Request& request);

    const Redaction& redaction() const { return redaction_; }

  private:
    class AccountReader;
    std::shared_ptr<AccountReader> reader_of(const config::Account& account);

    Transport& transport_;
    const Environment& environment_;
    Redaction redaction_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<AccountReader>>
        accounts_;  ///< by name; one that changed is made again
};

}  // namespace whylink::control
