#include <memory>

#include "probes/app/codecs/clickhouse_native.hpp"
#include "probes/app/codecs/http_exchange.hpp"

namespace whylink::probes {
namespace {

/// `/ping` asks for no user and runs no query; it is answered "Ok." and a line end
/// (https://clickhouse.com/docs/interfaces/http).
class Ping : public HttpExchange {
  public:
    explicit Ping(const AppRequest& request) : HttpExchange(request, "/ping", true) {}

  private:
    std::string protocol() const override { return "clickhouse"; }
    AppReply judge() const override {
        if (reply().status() == 200) {
            return reply().body().starts_with("Ok.") ? AppReply::served : AppReply::unexpected;
        }
        const AppReply general = reply_of_status(reply(), false);
        return general == AppReply::served ? AppReply::unexpected : general;
    }
};

/// The ports that ClickHouse and its cloud give the native protocol, in plain text and over TLS.
bool is_native_port(std::uint16_t port) {
    return port == 9000 || port == 9440;
}

}  // namespace

std::unique_ptr<Codec> make_clickhouse(const AppRequest& request) {
    if (is_native_port(request.port)) {
        return make_clickhouse_native(request);
    }
    return std::make_unique<Ping>(request);
}

}  // namespace whylink::probes
