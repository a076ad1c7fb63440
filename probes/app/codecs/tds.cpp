// SQL Server: PRELOGIN, which it answers before it knows who asks ([MS-TDS] section 2.2.6.5). TLS runs inside packets of
// this protocol: the answer says whether the server wants it, and it is not begun.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using std::string_literals::operator""s;

constexpr std::size_t header_size = 8;
/// The size of packets until the login agrees on another.
constexpr std::size_t max_packet = 4096;
constexpr char tabular_result = 0x04;

enum Option : unsigned { version = 0, encryption = 1, terminator = 0xff };
enum Encryption : unsigned { off = 0, on = 1, not_supported = 2, required = 3 };

unsigned octet(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

std::size_t number(std::string_view bytes, std::size_t at) {
    return octet(bytes, at) << 8U | octet(bytes, at + 1);
}

std::string prelogin(bool tls) {
    std::string packet =
        "\x12\x01\0\x1a\0\0\x01\0"  // PRELOGIN, the only packet of the message, 26 bytes
        "\0\0\x0b\0\x06"            // version: at 11, 6 bytes
        "\x01\0\x11\0\x01"          // encryption: at 17, 1 byte
        "\xff"
        "\x10\0\0\0\0\0"s;
    packet += static_cast<char>(tls ? on : off);
    return packet;
}

/// Of the options of an answer the value; nothing where it is not there or ends beyond the packet.
std::optional<std::string_view> value_of(Option wanted, std::string_view body) {
    constexpr std::size_t entry_size = 5;
    for (std::size_t at = 0; at + entry_size <= body.size() && octet(body, at) != terminator;
         at += entry_size) {
        const std::size_t begin = number(body, at + 1);
        const std::size_t size = number(body, at + 3);
        if (octet(body, at) == wanted) {
            return begin + size <= body.size() ? std::optional(body.substr(begin, size)) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string version_text(std::string_view bytes) {
    return std::to_string(octet(bytes, 0)) + "." + std::to_string(octet(bytes, 1)) + "." +
           std::to_string(number(bytes, 2));
}

class Tds : public JudgingCodec {
  public:
    explicit Tds(bool tls) : JudgingCodec(config::App::tds), wants_tls_(tls) {}

    Next start(std::string& out) override {
        out += prelogin(wants_tls_);
        return Next::read;
    }

    Next received(std::string_view bytes, std::string&) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_.append(bytes, 0, max_packet - std::min(received_.size(), max_packet));
        if (received_.front() != tabular_result || octet(received_, 1) > 1) {
            return conclude(AppReply::other_protocol);
        }
        if (received_.size() < header_size) {
            return Next::read;
        }
        const std::size_t size = number(received_, 2);
        if (size <= header_size) {
            return conclude(AppReply::other_protocol);
        }
        if (size > max_packet) {
            return conclude(AppReply::unexpected);
        }
        return received_.size() < size
                   ? Next::read
                   : judge(std::string_view(received_).substr(header_size, size - header_size));
    }

    /// A connection that is reset before the login is one line of the server's log.
    bool minds_reset() const override { return true; }

  private:
    Next judge(std::string_view body) {
        constexpr std::size_t version_size = 6;
        const auto told = value_of(version, body);
        if (!told || told->size() != version_size) {
            verdict_.said = "a result that does not answer PRELOGIN";
            return conclude(AppReply::unexpected);
        }
        verdict_.server = version_text(*told);
        const auto offered = value_of(encryption, body);
        switch (offered && !offered->empty() ? octet(*offered, 0) : unsigned{not_supported}) {
            case required:
                verdict_.said = "wants TLS inside TDS, which is not tried";
                break;
            case not_supported:
                verdict_.said = "no TLS";
                return conclude(wants_tls_ ? AppReply::without_tls : AppReply::served);
            default:
                verdict_.said = "offers TLS inside TDS, which is not tried";
                break;
        }
        return conclude(AppReply::served);
    }

    const bool wants_tls_;
    std::string received_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::tds>(const AppRequest& request) {
    return std::make_unique<Tds>(request.tls);
}

}  // namespace whylink::probes
