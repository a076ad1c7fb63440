// Answers requests: one AccountReader for each account, which stays between requests.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "control/credentials/environment.hpp"
#include "control/http/transport.hpp"
#include "control/program/account_reader.hpp"
#include "control/protocol/messages.hpp"
#include "control/secrets/redaction.hpp"

namespace whylink::control {

/// Accounts that are kept; the one that was asked longest ago makes room.
inline constexpr std::size_t max_accounts = 64;

class Reader {
  public:
    /// Both outlive it.
    Reader(Transport& transport, const Environment& environment)
        : transport_(transport), environment_(environment) {}

    /// Within the request's time-out. May be called from several threads; requests of one account wait for each other.
    Answer answer(const Request& request);
    /// The answer as its line, without any secret, and no longer than a line may be.
    std::string line(const Request& request);

  private:
    struct Entry {
        std::mutex busy;
        std::unique_ptr<AccountReader> reader;
        std::chrono::steady_clock::time_point asked{};
    };
    std::shared_ptr<Entry> entry_of(const config::Account& account);
    Answer read(const ReadRequest& request);
    Answer check(const CheckRequest& request);
    Answer where(const WhereRequest& request);

    Transport& transport_;
    const Environment& environment_;
    Redaction redaction_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Entry>> accounts_;  ///< by name; one that changed is replaced
};

}  // namespace whylink::control
