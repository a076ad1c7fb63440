#include "daemon/http/passwords.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "daemon/system/worker.hpp"

namespace whylink::daemon::http {
namespace {

using Digest = std::array<unsigned char, 32>;

/// Verdicts that are remembered, of each kind; the oldest goes first. Wrong ones have room of their own, so that
/// whoever guesses does not displace those who know.
constexpr std::size_t max_remembered = 128;

struct Remembered {
    std::deque<Digest> digests;

    bool contains(const Digest& digest) const {
        bool found = false;
        for (const Digest& one : digests) {
            found |= CRYPTO_memcmp(one.data(), digest.data(), digest.size()) == 0;
        }
        return found;
    }
    void add(const Digest& digest) {
        digests.push_back(digest);
        if (digests.size() > max_remembered) {
            digests.pop_front();
        }
    }
};

/// Each text behind its length, so that no two questions are written alike.
std::string question(std::string_view user, std::string_view password, std::string_view hash) {
    std::string text;
    for (const std::string_view part : {user, password, hash}) {
        text += std::to_string(part.size()) + ":";
        text += part;
    }
    return text;
}

void wipe(std::string& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
}

struct CryptDataCleared {
    void operator()(crypt_data* data) const {
        OPENSSL_cleanse(data, sizeof *data);
        delete data;
    }
};

}  // namespace

struct Passwords::Impl {
    struct Waiting {
        std::string peer;
        std::vector<Done> done;
    };

    Impl(std::size_t limit, std::size_t of_peer)
        : max_waiting(limit), max_of_peer(of_peer), worker(limit + 1, "whylink-auth") {
        if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
            throw std::runtime_error("OpenSSL has no random numbers");
        }
    }

    Digest digest_of(std::string text) const;
    bool has_room(const std::string& peer) const;
    /// The password is wiped.
    void compute(const Digest& digest, std::string& password, const std::string& hash);

    const std::size_t max_waiting;
    const std::size_t max_of_peer;
    Digest key{};  ///< of this process: what is remembered is of no use to anybody else
    std::mutex mutex;
    Remembered right;
    Remembered wrong;
    std::map<Digest, Waiting> waiting;
    Worker worker;  ///< last: its thread uses the rest
};

Digest Passwords::Impl::digest_of(std::string text) const {
    Digest digest{};
    unsigned int size = 0;
    const bool made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
                           &size) != nullptr;
    wipe(text);
    if (!made) {
        throw std::runtime_error("OpenSSL has no SHA-256");
    }
    return digest;
}

bool Passwords::Impl::has_room(const std::string& peer) const {
    const auto of_peer = static_cast<std::size_t>(
        std::ranges::count_if(waiting, [&peer](const auto& one) { return one.second.peer == peer; }));
    return waiting.size() < max_waiting && of_peer < max_of_peer;
}

void Passwords::Impl::compute(const Digest& digest, std::string& password, const std::string& hash) {
    const bool good = is_password_of(password, hash);
    wipe(password);
    std::vector<Done> done;
    {
        const std::lock_guard lock(mutex);
        (good ? right : wrong).add(digest);
        done = std::move(waiting[digest].done);
        waiting.erase(digest);
    }
    for (const Done& answer : done) {
        answer(good ? PasswordVerdict::right : PasswordVerdict::wrong);
    }
}

Passwords::Passwords(std::size_t max_waiting, std::size_t max_of_peer)
    : impl_(std::make_unique<Impl>(max_waiting, max_of_peer)) {}

Passwords::~Passwords() = default;

void Passwords::check(std::string_view user, std::string_view password, std::string_view hash,
                      const std::string& peer, Done done) {
    const Digest digest = impl_->digest_of(question(user, password, hash));
    auto verdict = PasswordVerdict::busy;
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->right.contains(digest)) {
            verdict = PasswordVerdict::right;
        } else if (impl_->wrong.contains(digest)) {
            verdict = PasswordVerdict::wrong;
        } else if (const auto same = impl_->waiting.find(digest); same != impl_->waiting.end()) {
            same->second.done.push_back(std::move(done));
            return;
        } else if (impl_->has_room(peer)) {
            const bool begun = impl_->worker.post(
                [impl = impl_.get(), digest, password = std::string(password),
                 hash = std::string(hash)]() mutable { impl->compute(digest, password, hash); });
            if (begun) {
                impl_->waiting[digest] = {peer, {std::move(done)}};
                return;
            }
        }
    }
    done(verdict);
}

bool is_password_of(std::string_view password, const std::string& hash) {
    // crypt(3) would read no further than a NUL, and any password that begins alike would do.
    if (password.find('\0') != std::string_view::npos) {
        return false;
    }
    const std::unique_ptr<crypt_data, CryptDataCleared> data(new crypt_data{});
    std::string text(password);
    const char* computed = crypt_r(text.c_str(), hash.c_str(), data.get());
    wipe(text);
    // A failure is a text that begins with '*', which no hash does.
    return computed != nullptr && computed[0] != '*' && std::string_view(computed).size() == hash.size() &&
           CRYPTO_memcmp(computed, hash.data(), hash.size()) == 0;
}

}  // namespace whylink::daemon::http
