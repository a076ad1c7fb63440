#include "probes/app/codecs/clickhouse_native.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_name = 256;        // of a server or an exception; real ones have some ten bytes
constexpr std::size_t message_wanted = 400;  // of an exception; white space shrinks on the way to 200

std::string length_and_text(std::string_view text) {
    return static_cast<char>(text.size()) + std::string(text);
}

/// No user is named. The server refuses that before it looks anybody up ("no user in Hello package"): no
/// login attempt that fails, none in system.session_log, none handed on to LDAP or a web service behind the
/// server, and no session. The revision is the oldest that a server tells its time zone; a newer one would
/// have to say more, and be told more.
std::string hello() {
    constexpr std::string_view version_0_1 = {"\x00\x01", 2};
    constexpr std::string_view revision_54058 = "\xaa\xa6\x03";
    const std::string_view no_database_user_password = {"\x00\x00\x00", 3};
    std::string bytes(1, '\0');  // the packet's kind
    bytes += length_and_text("whylink");
    bytes += version_0_1;
    bytes += revision_54058;
    bytes += no_database_user_password;
    return bytes;
}

/// Takes the fields of a packet, and remembers whether there were too few bytes, or bytes that cannot be.
class Reader {
  public:
    explicit Reader(std::string_view rest) : rest_(rest) {}

    bool wrong() const { return wrong_; }
    bool good() const { return !short_ && !wrong_; }

    std::uint8_t byte() {
        if (!good() || rest_.empty()) {
            short_ = short_ || !wrong_;
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    /// LEB128, at most 35 bits: nothing that is read here is larger.
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const std::uint8_t part = byte();
            value |= static_cast<std::uint64_t>(part & 0x7fU) << shift;
            if (!good() || part < 0x80U) {
                return value;
            }
        }
        wrong_ = true;
        return value;
    }
    /// Little endian. Those that ClickHouse has are below 10,000.
    int code() {
        std::uint32_t value = 0;
        for (unsigned shift = 0; shift < 32; shift += 8) {
            value |= static_cast<std::uint32_t>(byte()) << shift;
            wrong_ = wrong_ || value >= 65536;
        }
        return wrong_ ? 0 : static_cast<int>(value);
    }
    /// What names something: printable ASCII.
    std::string name() {
        const std::uint64_t length = number();
        wrong_ = wrong_ || (good() && (length == 0 || length > max_name));
        std::string text;
        while (good() && text.size() < length) {
            const auto character = static_cast<char>(byte());
            wrong_ = wrong_ || (good() && (character < ' ' || character > '~'));
            text += character;
        }
        return text;
    }
    struct Message {
        std::string text;
        std::uint64_t further = 0;  ///< bytes behind it
    };
    /// The beginning of a text of any length.
    Message message() {
        const std::uint64_t announced = number();
        const std::uint64_t length = std::min<std::uint64_t>(announced, message_wanted);
        Message message{{}, announced - length};
        while (good() && message.text.size() < length) {
            message.text += static_cast<char>(byte());
        }
        return message;
    }

  private:
    std::string_view rest_;
    bool short_ = false;
    bool wrong_ = false;
};

/// The numbers are those of src/Common/ErrorCodes.cpp.
AppReply reply_of_exception(int code, std::string_view message) {
    constexpr std::array<int, 4> who_are_you{192, 193, 194, 516};  // user, password, required, authentication
    // Too many queries, no free connection, aborted (a server that goes down), memory, threads.
    constexpr std::array<int, 5> not_now{202, 203, 236, 241, 439};
    const auto is_one_of = [&](const auto& codes) { return std::ranges::find(codes, code) != codes.end(); };
    constexpr int unexpected_packet = 101;
    if (code == unexpected_packet && contains(message, "no user")) {
        return AppReply::wants_credentials;
    }
    if (is_one_of(who_are_you)) {
        return AppReply::wants_credentials;
    }
    constexpr int address_not_allowed = 195;
    if (code == address_not_allowed) {
        return AppReply::forbidden;
    }
    return is_one_of(not_now) ? AppReply::cannot_serve : AppReply::unexpected;
}

class Native : public JudgingCodec {
  public:
    explicit Native(bool tls) : JudgingCodec(config::App::clickhouse), tls_(tls) {}

    Next start(std::string& out) override {
        out += hello();
        return Next::read;
    }

    Next received(std::string_view bytes, std::string&) override {
        if (done_) {
            return Next::done;
        }
        // One at a time, so that a wrong byte is seen for what it is wherever the stream is cut.
        for (const char byte : bytes) {
            received_ += byte;
            done_ = packet();
            if (done_) {
                received_.clear();
                return Next::done;
            }
        }
        return Next::read;
    }

  private:
    /// Whether all is known.
    bool packet() {
        constexpr std::uint8_t server_hello = 0;
        constexpr std::uint8_t exception = 2;
        Reader reader(received_);
        const std::uint8_t kind = reader.byte();
        if (kind == server_hello) {
            return read_hello(reader);
        }
        if (kind == exception) {
            return read_exception(reader);
        }
        Opening opening;
        const auto found = opening.received(received_);
        if (found == Opening::Kind::undecided) {
            return false;
        }
        const bool alert = found == Opening::Kind::tls_alert && !tls_;
        verdict_.reply = alert ? AppReply::wants_tls : AppReply::other_protocol;
        return true;
    }

    bool read_hello(Reader& reader) {
        const std::string name = reader.name();
        const auto major = reader.number();
        const auto minor = reader.number();
        reader.number();  // its revision; the time zone behind it is of no interest
        if (!reader.good()) {
            return other_or_more(reader);
        }
        verdict_.reply = AppReply::served;
        verdict_.server = one_line(name + " " + std::to_string(major) + "." + std::to_string(minor));
        verdict_.said = verdict_.server;
        return true;
    }

    bool read_exception(Reader& reader) {
        const int code = reader.code();
        reader.name();
        const Reader::Message message = reader.message();
        if (!reader.good()) {
            return other_or_more(reader);
        }
        verdict_.reply = reply_of_exception(code, message.text);
        verdict_.status = code;
        verdict_.said = one_line(message.text, message.further);
        verdict_.server = "ClickHouse";
        return true;
    }

    bool other_or_more(const Reader& reader) {
        if (reader.wrong()) {
            verdict_.reply = AppReply::other_protocol;
        }
        return reader.wrong();
    }

    bool tls_;
    bool done_ = false;
    std::string received_;
};

}  // namespace

std::unique_ptr<Codec> make_clickhouse_native(const AppRequest& request) {
    return std::make_unique<Native>(request.tls);
}

}  // namespace whylink::probes
