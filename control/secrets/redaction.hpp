// The second wall: whatever leaves the program as text (answers, log lines, errors of libraries) loses every secret that
// the program has ever held, and what looks like a credential of a provider. The first wall is that none gets there.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "control/secrets/secret.hpp"

namespace whylink::control {

/// What stands in its place.
inline constexpr std::string_view redacted = "[redacted]";

class Redaction {
  public:
    /// Of each credential as soon as it is held, in every form in which it may come back: as it is, in base64 and
    /// percent-encoded. Texts of fewer than 8 bytes are no secrets.
    void learn(const Secret& secret);

    /// The text without any of them, and without what looks like one: `Authorization` values, JWTs, signatures and
    /// tokens in URLs, secret keys in XML and JSON.
    std::string apply(std::string_view text) const;

  private:
    struct Longer {
        bool operator()(const std::string& one, const std::string& other) const;
    };
    mutable std::mutex mutex_;
    std::set<std::string, Longer> known_;  ///< longest first, so that no part of one is left
};

}  // namespace whylink::control
