// Redis: one PING in RESP (https://redis.io/docs/latest/develop/reference/protocol-spec/). An array of bulk
// strings rather than the inline form, which proxies need not know.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/location.hpp"
#include "probes/app/codecs/resp.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

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
    // A managed Redis whose accounts may not PING.
    KnownError{"ERR command 'PING' not support", AppReply::wants_credentials},
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
        out += resp::command({"PING"});
        return Next::read;
    }

    Next received(std::string_view bytes, std::string& out) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_ += bytes.substr(0, max_bytes - std::min(received_.size(), max_bytes));
        Next next = Next::read;
        if (asked_ == Asked::ping) {
            next = read_line(out);
        }
        return next == Next::read && asked_ != Asked::ping ? read_further(out) : next;
    }

    bool has_verdict() const override { return verdict_.reply != AppReply::none; }

  private:
    enum class Asked { ping, info, slots };

    Next read_line(std::string& out) {
        const std::string_view line = std::string_view(received_).substr(0, max_line);
        if (may_begin_with(line, pong)) {
            if (line.size() < pong.size()) {
                return Next::read;
            }
            received_.erase(0, pong.size());
            verdict_.said = "PONG";
            verdict_.reply = AppReply::served;
            // Never together with PING: a proxy that does not know it closes the connection.
            asked_ = Asked::info;
            out += resp::command({"INFO", "cluster"});
            return Next::read;
        }
        if (!can_be_error(line)) {
            return conclude(AppReply::other_protocol);
        }
        if (line.find('\n') == std::string::npos && line.size() < max_line) {
            return Next::read;
        }
        const std::string_view error = first_line(line).substr(1);
        verdict_.said = one_line(error);
        return conclude(meaning_of(error));
    }

    /// Whatever becomes of it, PONG was the answer.
    Next read_further(std::string& out) {
        resp::Value value;
        std::size_t size = 0;
        if (received_.empty()) {
            return Next::read;
        }
        switch (resp::read_value(received_, value, size)) {
            case resp::Framing::incomplete:
                return Next::read;
            case resp::Framing::impossible:
                return Next::done;
            case resp::Framing::value:
                break;
        }
        if (asked_ == Asked::info && contains(value.text, "cluster_enabled:1")) {
            received_.erase(0, size);
            asked_ = Asked::slots;
            verdict_.said = "PONG, of a node of a cluster";
            out += resp::command({"CLUSTER", "SLOTS"});
            return read_further(out);
        }
        if (asked_ == Asked::slots) {
            take_slots(value);
        }
        return Next::done;
    }

    /// Of each range of slots: its first and its last, then its nodes, the master first. Of each node: the address or
    /// name that clients are to use, the port, and more. A node that does not say its name is where it was asked.
    void take_slots(const resp::Value& map) {
        constexpr std::size_t first_node = 2;
        for (const resp::Value& range : map.items) {
            for (std::size_t i = first_node; i < range.items.size(); ++i) {
                take_node(range.items[i]);
            }
        }
    }

    void take_node(const resp::Value& node) {
        const bool named = node.items.size() >= 2 && !node.items[0].text.empty() && node.items[0].text != "?";
        if (!named || node.items[1].number <= 0 || node.items[1].number > max_port) {
            return;
        }
        if (auto referral = referral_to(ReferralKind::cluster_node, node.items[0].text,
                                        static_cast<std::uint16_t>(node.items[1].number))) {
            verdict_.add_referral(std::move(*referral));
        }
    }

    static constexpr std::int64_t max_port = 65535;

    Asked asked_ = Asked::ping;
    std::string received_;  ///< of the answer that is awaited
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::redis>(const AppRequest&) {
    return std::make_unique<Redis>();
}

}  // namespace whylink::probes
