// One GET and what its response says; `http` is nothing else, and ClickHouse has its /ping.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/http_reply.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {

class HttpExchange : public Codec {
  public:
    Next start(std::string& out) override;
    Next received(std::string_view bytes, std::string& out) override;
    void report(AppFacts& facts) const override;

  protected:
    HttpExchange(AppRequest request, std::string path, bool wants_body);

    const AppRequest& request() const { return request_; }
    const HttpReply& reply() const { return reply_; }

  private:
    /// Once the headers are there: what the status means, and the body as far as it came.
    virtual AppReply judge() const = 0;
    /// HTTP/2 is known by its first frame, and is another protocol. Undecided: more is needed. Once it is decided `bytes`
    /// has what was held back until then, too.
    Opening::Kind look_at_frame(std::string_view& bytes);
    /// A redirect that leads to another host or port.
    std::optional<Referral> redirect() const;

    AppRequest request_;
    std::string path_;
    Opening opening_;
    HttpReply reply_;
    std::string held_;  ///< the first bytes, until they tell HTTP/2
    bool is_no_frame_ = false;
    AppReply other_ = AppReply::none;  ///< what there is instead of a response
    bool done_ = false;
};

/// What a response says beside its status, as far as that was read.
struct HttpWords {
    std::string_view body;  ///< its first bytes
    std::string_view error_code = {};
    bool challenges = false;
};

inline HttpWords words_of(const HttpReply& reply) {
    return {.body = reply.body(), .error_code = reply.error_code(), .challenges = reply.challenges()};
}

/// Of a status that the configuration does not list; `listed`: it lists others, which then are all that serve.
AppReply reply_of_status(int status, const HttpWords& words, bool listed);

/// The Host header or `:authority` (RFC 9110 section 7.2).
std::string host_header(const AppRequest& request);

/// "whylink/1.2"
extern const std::string_view user_agent;

}  // namespace whylink::probes
