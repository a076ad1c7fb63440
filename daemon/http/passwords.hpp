// Whether a password is the one of a bcrypt hash. bcrypt is slow on purpose, so it runs on a thread of its own, and
// what it found is remembered without the password.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace whylink::daemon::http {

enum class PasswordVerdict { right, wrong, busy };

class Passwords {
  public:
    using Done = std::function<void(PasswordVerdict)>;

    /// At most so many hashes are computed or waited for at once, and so many of them for one peer.
    explicit Passwords(std::size_t max_waiting = 16, std::size_t max_of_peer = 2);
    /// Whoever still waits gets no verdict.
    ~Passwords();
    Passwords(const Passwords&) = delete;
    Passwords& operator=(const Passwords&) = delete;

    /// Calls `done` at once where the verdict is remembered and where too much waits (busy), else on the other thread.
    /// Equal questions that wait are answered together.
    void check(std::string_view user, std::string_view password, std::string_view hash,
               const std::string& peer, Done done);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Computes the hash: tens of milliseconds for each password. A hash that is none is nobody's.
bool is_password_of(std::string_view password, const std::string& hash);

}  // namespace whylink::daemon::http
