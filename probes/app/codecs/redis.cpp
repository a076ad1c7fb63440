// Redis: one PING in RESP (https://redis.io/docs/latest/develop/reference/protocol-spec/). An array of bulk
// strings rather than the inline form, which proxies need not know.
#include <array>
#include <string>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

constexpr std::string_view ping = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view pong = "+PONG\r\n";
/// Of an error's line; what is longer is judged by its beginning.
constexpr std::size_t max_line = 1024;

struct KnownError {
    std::string_view begins;  ///< the line, without its '-'
    AppReply means;
};

/// As the servers' sources have them (server.c, networking.c of Redis 7.0). Protected mode answers by the
/// client's network, before any password is looked at.
constexpr std::array known_errors{
    KnownError{"NOAUTH", AppReply::wants_credentials},
    KnownError{"WRONGPASS", AppReply::wants_credentials},
    KnownError{"NOPERM", AppReply::wants_credentials},
    KnownError{"ERR operation not permitted", AppReply::wants_credentials},
    KnownError{"DENIED", AppReply::forbidden},
    KnownError{"ERR max number of clients", AppReply::cannot_serve},
    KnownError{"LOADING", AppReply::cannot_serve},
    KnownError{"MASTERDOWN", AppReply::cannot_serve},
    KnownError{"BUSY", AppReply::cannot_serve},
    KnownError{"CLUSTERDOWN", AppReply::cannot_serve},
    KnownError{"MISCONF", AppReply::cannot_serve},
};

AppReply meaning_of(std::string_view error) {
    for (const KnownError& known : known_errors) {
        if (error.starts_with(known.begins)) {
            return known.means;
        }
    }
    return AppReply::unexpected;
}

bool can_be_error(std::string_view line) {
    return line.front() == '-' && (line.size() < 2 || (line[1] >= 'A' && line[1] <= 'Z'));
}

class Redis : public JudgingCodec {
  public:
    Redis() : JudgingCodec(config::App::redis) {}

    Next start(std::string& out) override {
        out += ping;
        return Next::read;
    }

    Next received(std::string_view bytes, std::string&) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        line_ += bytes.substr(0, max_line - line_.size());
        return read_line();
    }

  private:
    Next read_line() {
        if (may_begin_with(line_, pong)) {
            if (line_.size() < pong.size()) {
                return Next::read;
            }
            verdict_.said = "PONG";
            return conclude(AppReply::served);
        }
        if (!can_be_error(line_)) {
            return conclude(AppReply::other_protocol);
        }
        if (line_.find('\n') == std::string::npos && line_.size() < max_line) {
            return Next::read;
        }
        const std::string_view error = first_line(line_).substr(1);
        verdict_.said = one_line(error);
        return conclude(meaning_of(error));
    }

    std::string line_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::redis>(const AppRequest&) {
    return std::make_unique<Redis>();
}

}  // namespace whylink::probes
