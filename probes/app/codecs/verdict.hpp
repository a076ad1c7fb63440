// What a codec has come to.
#pragma once

#include <optional>
#include <string>

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

    void report(AppFacts& facts) const {
        facts.reply = reply;
        facts.said = said;
        facts.status = status;
        facts.server = server;
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
