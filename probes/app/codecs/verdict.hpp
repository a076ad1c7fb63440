// What a codec has come to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// The fields of AppFacts that a codec answers for, under the same names.
struct Verdict {
    AppReply reply = AppReply::none;
    std::string said;
    std::optional<int> status;
    std::string server;
    std::vector<Referral> referrals;
    std::optional<bool> read_only;
    bool http2 = false;

    /// One that is not there yet. A cluster names each node many times, so more are remembered than are reported, as
    /// far as comparing them costs little.
    void add_referral(Referral referral) {
        constexpr std::size_t max_remembered = 256;
        if (referrals.size() < max_remembered && std::ranges::find(referrals, referral) == referrals.end()) {
            referrals.push_back(std::move(referral));
        }
    }

    void report(AppFacts& facts) const {
        facts.reply = reply;
        facts.said = said;
        facts.status = status;
        facts.server = server;
        constexpr std::size_t max_referrals = 16;
        const std::size_t kept = std::min(referrals.size(), max_referrals);
        facts.referrals.assign(referrals.begin(), referrals.begin() + static_cast<std::ptrdiff_t>(kept));
        facts.referrals_left_out = static_cast<unsigned>(referrals.size() - kept);
        facts.read_only = read_only;
        facts.http2 = http2;
    }
};

/// A codec that reads until it has come to its verdict.
class JudgingCodec : public Codec {
  public:
    void report(AppFacts& facts) const override {
        facts.protocol = slug(app_);
        verdict_.report(facts);
    }

  protected:
    explicit JudgingCodec(config::App app) : app_(app) {}

    Next conclude(AppReply reply) {
        verdict_.reply = reply;
        return Next::done;
    }

    /// What follows from the stream's first bytes; nothing where they are the codec's to read.
    std::optional<Next> look_at_opening(std::string_view bytes) {
        switch (opening_.received(bytes)) {
            case Opening::Kind::undecided:
                return Next::read;
            case Opening::Kind::tls_alert:
                return conclude(AppReply::wants_tls);
            case Opening::Kind::unknown:
                return conclude(AppReply::other_protocol);
            case Opening::Kind::other:
                break;
        }
        return std::nullopt;
    }

    Verdict verdict_;

  private:
    config::App app_;
    Opening opening_;
};

}  // namespace whylink::probes
