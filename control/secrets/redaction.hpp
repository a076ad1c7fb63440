// The second wall: whatever leaves the program as text (answers, log lines, errors of libraries) loses the secrets that
// the program holds, and what looks like a credential of a provider. The first wall is that none gets there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "control/secrets/secret.hpp"

namespace whylink::control {

/// What stands in its place.
inline constexpr std::string_view redacted = "[redacted]";

/// Forms of secrets that are remembered: several times what 64 accounts hold at once. Tokens are replaced every hour.
inline constexpr std::size_t max_redacted_forms = 1024;

class Redaction {
  public:
    /// Of each credential as soon as it is held, in every form in which it may come back: as it is, in base64 and
    /// percent-encoded. Texts of fewer than 8 bytes are no secrets. What is used again is learned again: beyond the bound
    /// the form that was not learned for the longest time is forgotten.
    void learn(const Secret& secret);

    /// The text without any of them, and without what looks like one: `Authorization` values, JWTs, signatures and
    /// tokens in URLs, secret keys in XML and JSON.
    std::string apply(std::string_view text) const;

  private:
    struct Longer {
        bool operator()(const std::string& one, const std::string& other) const;
    };
    void remember(std::string form);

    mutable std::mutex mutex_;
    /// When each form was learned last. Longest first, so that no part of one is left.
    std::map<std::string, std::uint64_t, Longer> known_;
    std::uint64_t learned_ = 0;
};

}  // namespace whylink::control
