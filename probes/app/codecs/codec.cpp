#include "probes/app/codecs/codec.hpp"

#include <algorithm>

namespace whylink::probes {

bool negotiates_tls(const AppRequest& request) {
    if (!request.tls) {
        return false;
    }
    if (request.app == config::App::expect) {
        return std::ranges::any_of(request.script,
                                   [](const config::ExpectStep& step) { return step.starttls; });
    }
    return request.app == config::App::postgres || request.app == config::App::mysql;
}

bool server_speaks_first(const AppRequest& request) {
    if (request.app == config::App::expect) {
        return !request.script.empty() && request.script.front().send.empty();
    }
    return request.app == config::App::mysql;
}

std::unique_ptr<Codec> make_codec(const AppRequest& request) {
    switch (request.app) {
        case config::App::clickhouse:
            return make_clickhouse(request);
        case config::App::redis:
            return make_redis(request);
        case config::App::mqtt:
            return make_mqtt(request);
        case config::App::postgres:
            return make_postgres(request);
        case config::App::mysql:
            return make_mysql(request);
        case config::App::expect:
            return make_expect(request);
        case config::App::http:
        case config::App::none:
            break;
    }
    return make_http(request);
}

}  // namespace whylink::probes
