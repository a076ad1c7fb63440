#include <memory>

#include "probes/app/codecs/clickhouse_native.hpp"
#include "probes/app/codecs/http2.hpp"
#include "probes/app/codecs/http_exchange.hpp"

namespace whylink::probes {
namespace {

/// `/ping` asks for no user and runs no query; it is answered "Ok." and a line end
/// (https://clickhouse.com/docs/interfaces/http).
class Ping : public HttpExchange {
  public:
    explicit Ping(const AppRequest& request) : HttpExchange(request, "/ping", true) {}

  private:
    AppReply judge() const override {
        if (reply().status() == 200) {
            return reply().body().starts_with("Ok.") ? AppReply::served : AppReply::unexpected;
        }
        const AppReply general = reply_of_status(reply().status(), words_of(reply()), false);
        return general == AppReply::served ? AppReply::unexpected : general;
    }
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::clickhouse>(const AppRequest& request) {
    if (config::speaks_natively(config::App::clickhouse, request.port)) {
        return make_clickhouse_native(request);
    }
    if (request.http2) {
        return make_http2(request, "/ping");
    }
    return std::make_unique<Ping>(request);
}

}  // namespace whylink::probes
