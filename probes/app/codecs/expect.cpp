#include <cstddef>
#include <string>
#include <vector>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

/// Of a line that is longer, the rest is passed over.
constexpr std::size_t max_line_kept = 1024;

/// `expect` is plain text that stands anywhere in the line, or at its beginning with ^ in front. Not a
/// regular expression: a peer could make one take for ever.
bool matches(std::string_view line, std::string_view expect) {
    if (expect.starts_with('^')) {
        return line.starts_with(expect.substr(1));
    }
    return contains(line, expect);
}

class Expect : public JudgingCodec {
  public:
    explicit Expect(const AppRequest& request)
        : JudgingCodec(config::App::expect),
          script_(request.script),
          tls_(negotiates_tls(request)),
          secured_(request.tls && !tls_) {}

    Next start(std::string& out) override { return go_on(out); }

    Next received(std::string_view bytes, std::string& out) override {
        if (done_) {
            return Next::done;
        }
        if (const auto next = secured_ ? std::nullopt : look_at_opening(bytes)) {
            done_ = *next == Next::done;
            return *next;
        }
        for (const char byte : bytes) {
            if (++taken_ >= max_bytes) {
                return finish();
            }
            const Next next = take(byte, out);
            if (next != Next::read) {
                return next;
            }
        }
        return Next::read;
    }

    Next tls_started(std::string& out) override {
        secured_ = true;
        ++step_;
        return go_on(out);
    }

    /// The last line may lack its end.
    void ended() override {
        std::string unsent;
        if (!done_ && !line_.empty()) {
            line_ended(unsent);
        }
    }

    void report(AppFacts& facts) const override {
        Verdict verdict = verdict_;
        if (verdict.reply == AppReply::none && step_ >= script_.size()) {
            verdict.reply = AppReply::served;
            verdict.said = said_;
        } else if (verdict.reply == AppReply::none && spoken_) {
            // What was said instead. Lines before it may have been no more than a greeting's other lines.
            verdict.reply = script_[step_].starttls ? AppReply::without_tls : AppReply::unexpected;
            verdict.said = line_.empty() ? said_ : one_line(line_);
        }
        verdict.report(facts);
        facts.protocol = slug(config::App::expect);
    }

  private:
    /// From the beginning of a step, through all that need no answer.
    Next go_on(std::string& out) {
        for (; step_ < script_.size(); ++step_) {
            const auto& step = script_[step_];
            out += step.send;
            spoken_ = false;
            if (!step.expect.empty()) {
                return Next::read;
            }
            if (step.starttls && tls_ && !secured_) {
                return begin_tls();
            }
        }
        return finish();
    }

    Next take(char byte, std::string& out) {
        spoken_ = true;
        if (byte == '\n') {
            return line_ended(out);
        }
        if (line_.size() < max_line_kept) {
            line_ += byte;
        }
        return Next::read;
    }

    Next line_ended(std::string& out) {
        const std::string line(first_line(line_));
        line_.clear();
        said_ = one_line(line);
        const auto& step = script_[step_];
        if (!matches(line, step.expect)) {
            return Next::read;
        }
        if (step.starttls && tls_ && !secured_) {
            return begin_tls();
        }
        ++step_;
        return go_on(out);
    }

    /// What the server may have said beyond its line in plain text is dropped, for anybody on the path could
    /// have put it there (CVE-2011-0411).
    Next begin_tls() {
        line_.clear();
        spoken_ = false;
        return Next::start_tls;
    }

    Next finish() {
        done_ = true;
        return Next::done;
    }

    std::vector<config::ExpectStep> script_;
    bool tls_;      ///< the script is to begin TLS
    bool secured_;  ///< TLS is on
    bool done_ = false;
    std::size_t step_ = 0;
    std::size_t taken_ = 0;
    bool spoken_ = false;  ///< something came in this step
    std::string line_;     ///< the one that has not ended
    std::string said_;     ///< the last whole line
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::expect>(const AppRequest& request) {
    return std::make_unique<Expect>(request);
}

}  // namespace whylink::probes
