// One GET and what its response says; `http` is nothing else, and ClickHouse has its /ping.
#pragma once

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

    AppRequest request_;
    std::string path_;
    Opening opening_;
    HttpReply reply_;
    AppReply other_ = AppReply::none;  ///< what there is instead of a response
    bool done_ = false;
};

/// Of a status that the configuration does not list; `listed`: it lists others, which then are all that
/// serve.
AppReply reply_of_status(const HttpReply& reply, bool listed);

}  // namespace whylink::probes
