// One account, for as long as the program runs: its credentials, token buckets and what was read of it.
#pragma once

#include <memory>

#include "control/credentials/environment.hpp"
#include "control/http/caller.hpp"
#include "control/http/transport.hpp"
#include "control/protocol/messages.hpp"
#include "control/secrets/redaction.hpp"

namespace whylink::control {

/// For one thread at a time.
class AccountReader {
  public:
    virtual ~AccountReader() = default;
    virtual const config::Account& account() const = 0;
    virtual Readings read(const ReadRequest& request, const Terms& terms) = 0;
    virtual CheckAnswer check(const Terms& terms) = 0;
    virtual std::vector<Caller::Count> take_counts() = 0;
};

/// Of the account's provider. All outlive it.
std::unique_ptr<AccountReader> make_account_reader(config::Account account, Transport& transport,
                                                   const Environment& environment, Redaction& redaction);

}  // namespace whylink::control
