// MQTT: one CONNECT of version 3.1.1 (OASIS MQTT 3.1.1), whose answer every broker can give: one that speaks
// version 5 alone answers in its own form (OASIS MQTT 5.0, section 3.1.2.2). The client identifier is empty,
// so that the broker makes one up [MQTT-3.1.3-6, 3.1.3-7]: a name of ours could push another client out
// [MQTT-3.1.4-2].
#include <algorithm>
#include <array>
#include <string>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using namespace std::string_view_literals;

/// Clean session, no will, no user name; the broker lets go of us after half as long again as the keep-alive,
/// should our farewell be lost.
constexpr std::string_view connect =
    "\x10\x0c"          // CONNECT, 12 bytes
    "\x00\x04MQTT\x04"  // protocol name and level: 3.1.1
    "\x02"              // clean session
    "\x00\x1e"          // keep-alive: 30 s
    "\x00\x00"sv;       // client identifier: empty
constexpr std::string_view disconnect = "\xe0\x00"sv;

constexpr unsigned char connack = 0x20;
constexpr unsigned unacceptable_version = 0x01;
constexpr unsigned unsupported_version_5 = 0x84;

struct Code {
    unsigned value;
    AppReply means;
    std::string_view text;
};

/// Under 0x80: 3.1.1, section 3.2.2.3; the others: 5.0, section 3.2.2.2. An identifier or a version that does
/// not please was looked at by a broker that takes connections.
constexpr std::array codes{
    Code{0x00, AppReply::served, "accepted"},
    Code{unacceptable_version, AppReply::served,
         "unacceptable protocol version: no MQTT 3.1.1 here, MQTT 5 perhaps"},
    Code{0x02, AppReply::served, "identifier rejected"},
    Code{0x03, AppReply::cannot_serve, "server unavailable"},
    Code{0x04, AppReply::wants_credentials, "bad user name or password"},
    Code{0x05, AppReply::wants_credentials, "not authorized"},
    Code{unsupported_version_5, AppReply::served, "unsupported protocol version: speaks MQTT 5 only"},
    Code{0x85, AppReply::served, "client identifier not valid"},
    Code{0x86, AppReply::wants_credentials, "bad user name or password"},
    Code{0x87, AppReply::wants_credentials, "not authorized"},
    Code{0x88, AppReply::cannot_serve, "server unavailable"},
    Code{0x89, AppReply::cannot_serve, "server busy"},
    Code{0x8a, AppReply::forbidden, "banned"},
    Code{0x8c, AppReply::wants_credentials, "bad authentication method"},
    Code{0x97, AppReply::cannot_serve, "quota exceeded"},
    Code{0x9c, AppReply::cannot_serve, "use another server"},
    Code{0x9d, AppReply::cannot_serve, "server moved"},
    Code{0x9f, AppReply::cannot_serve, "connection rate exceeded"},
};

class Mqtt : public JudgingCodec {
  public:
    Mqtt() : JudgingCodec(config::App::mqtt) {}

    Next start(std::string& out) override {
        out += connect;
        return Next::read;
    }

    Next received(std::string_view bytes, std::string& out) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        for (const char byte : bytes) {
            const Next next = take(static_cast<unsigned char>(byte), out);
            if (next != Next::read) {
                return next;
            }
        }
        return Next::read;
    }

  private:
    enum class Expect { type, length, flags, code };

    /// The code is all that counts: the properties of version 5 behind it are not waited for.
    Next take(unsigned char byte, std::string& out) {
        switch (expect_) {
            case Expect::type:
                expect_ = Expect::length;
                return byte == connack ? Next::read : conclude(AppReply::other_protocol);
            case Expect::length:
                return take_length(byte);
            case Expect::flags:
                expect_ = Expect::code;
                // Nothing but "session present", which a clean session forbids; brokers are forgiven that.
                return byte <= 1 ? Next::read : conclude(AppReply::other_protocol);
            case Expect::code:
                break;
        }
        return judge(byte, out);
    }

    /// Up to four bytes of seven bits each, the lowest first (section 2.2.3).
    Next take_length(unsigned char byte) {
        length_ |= (byte & 0x7fU) << (7 * length_bytes_);
        ++length_bytes_;
        if ((byte & 0x80U) != 0) {
            return length_bytes_ < 4 ? Next::read : conclude(AppReply::other_protocol);
        }
        expect_ = Expect::flags;
        return length_ >= 2 && length_ <= max_bytes ? Next::read : conclude(AppReply::other_protocol);
    }

    Next judge(unsigned value, std::string& out) {
        const auto* code =
            std::ranges::find_if(codes, [&](const Code& known) { return known.value == value; });
        verdict_.status = static_cast<int>(value);
        verdict_.said =
            code == codes.end() ? "return code " + std::to_string(value) : std::string(code->text);
        if (value == 0) {
            out +=
                disconnect;  // a connection that is refused is closed by the broker, and takes nothing more
        }
        return conclude(code == codes.end() ? AppReply::unexpected : code->means);
    }

    Expect expect_ = Expect::type;
    unsigned length_ = 0;
    unsigned length_bytes_ = 0;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::mqtt>(const AppRequest&) {
    return std::make_unique<Mqtt>();
}

}  // namespace whylink::probes
