// MongoDB: one `hello`, which is answered before anybody has logged in (MongoDB specifications, "Server Discovery and
// Monitoring" and "OP_MSG"), and names the replica set's members: clients go to these, and not to where they began.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "config/first_bytes.hpp"
#include "probes/app/codecs/bson.hpp"
#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/location.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t header_size = 16;
constexpr std::uint32_t op_msg = 2013;
constexpr std::uint16_t usual_port = 27017;

struct KnownError {
    std::int32_t code;
    AppReply means;
};

/// src/mongo/base/error_codes.yml.
constexpr std::array known_errors{
    KnownError{13, AppReply::wants_credentials},  // Unauthorized
    KnownError{18, AppReply::wants_credentials},  // AuthenticationFailed
    KnownError{59, AppReply::served},             // CommandNotFound: older than `hello`, and it answers
    KnownError{91, AppReply::cannot_serve},       // ShutdownInProgress
    KnownError{189, AppReply::cannot_serve},      // PrimarySteppedDown
    KnownError{11600, AppReply::cannot_serve},    // InterruptedAtShutdown
};

AppReply meaning_of(std::int32_t code) {
    const auto* const known = std::ranges::find(known_errors, code, &KnownError::code);
    return known == known_errors.end() ? AppReply::unexpected : known->means;
}

std::string bytes_of(std::uint32_t number) {
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(number >> shift);
    }
    return bytes;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (unsigned i = 4; i > 0; --i) {
        value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
    }
    return value;
}

/// What `hello` says.
struct Hello {
    bool ok = false;
    std::int32_t code = 0;
    std::string_view error;
    bool primary = false;
    bool secondary = false;
    bool router = false;         ///< mongos
    bool uninitialised = false;  ///< of a replica set that has no configuration yet
    std::string_view set;
};

class Mongodb : public JudgingCodec {
  public:
    Mongodb() : JudgingCodec(config::App::mongodb) {}

    Next start(std::string& out) override {
        constexpr std::string_view flags_and_kind = "\0\0\0\0\0"sv;
        const std::string_view document = bson::hello_document();
        const auto size = static_cast<std::uint32_t>(header_size + flags_and_kind.size() + document.size());
        out += bytes_of(size) + bytes_of(1) + bytes_of(0) + bytes_of(op_msg);
        out += flags_and_kind;
        out += document;
        return Next::read;
    }

    Next received(std::string_view bytes, std::string&) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_.append(bytes, 0, max_bytes - std::min(received_.size(), max_bytes));
        if (received_.size() < header_size) {
            // No message is so long that its fourth byte is set to text.
            const bool possible = received_.size() < 4 || number_at(received_, 0) <= max_bytes;
            return possible ? Next::read : conclude(AppReply::other_protocol);
        }
        const std::uint32_t size = number_at(received_, 0);
        if (number_at(received_, 12) != op_msg || size < header_size + 10 || size > max_bytes) {
            return conclude(AppReply::other_protocol);
        }
        if (received_.size() < size) {
            return Next::read;
        }
        // Four bytes of flags, and the kind of the section, which is 0 for a document.
        return judge(std::string_view(received_).substr(header_size + 5, size - header_size - 5));
    }

  private:
    Next judge(std::string_view document) {
        const Hello hello = read(document);
        verdict_.said = hello.ok ? role_of(hello) : one_line(hello.error);
        if (!hello.ok) {
            verdict_.status = hello.code;
            return conclude(meaning_of(hello.code));
        }
        if (hello.uninitialised) {
            return conclude(AppReply::cannot_serve);
        }
        verdict_.read_only = !hello.primary;
        return conclude(AppReply::served);
    }

    Hello read(std::string_view document) {
        Hello hello;
        bson::Reader reader(document);
        while (const auto element = reader.next()) {
            take(*element, hello);
        }
        return hello;
    }

    void take(const bson::Element& element, Hello& hello) {
        const std::string_view name = element.name;
        const bool is_text = element.type == bson::type_text;
        if (name == "ok") {
            hello.ok = bson::is_true(element);
        } else if (name == "code") {
            hello.code = bson::number(element).value_or(0);
        } else if (name == "errmsg" && is_text) {
            hello.error = element.value;
        } else if (name == "isWritablePrimary" || name == "ismaster") {
            hello.primary = hello.primary || bson::is_true(element);
        } else if (name == "secondary") {
            hello.secondary = bson::is_true(element);
        } else if (name == "isreplicaset") {
            hello.uninitialised = bson::is_true(element);
        } else if (name == "msg" && is_text) {
            hello.router = element.value == "isdbgrid";
        } else if (name == "setName" && is_text) {
            hello.set = element.value;
        } else if ((name == "hosts" || name == "passives") && element.type == bson::type_array) {
            take_members(element.value);
        }
    }

    void take_members(std::string_view members) {
        bson::Reader reader(members, true);
        while (const auto member = reader.next()) {
            auto referral = member->type == bson::type_text
                                ? referral_to(ReferralKind::member, member->value, usual_port)
                                : std::nullopt;
            if (referral) {
                verdict_.add_referral(std::move(*referral));
            }
        }
    }

    static std::string role_of(const Hello& hello) {
        if (hello.router) {
            return "mongos";
        }
        if (hello.uninitialised) {
            return "a replica set that is not initialised";
        }
        if (hello.set.empty()) {
            return "a server of its own";
        }
        return one_line((hello.primary     ? "the primary of replica set "
                         : hello.secondary ? "a secondary of replica set "
                                           : "a member of replica set ") +
                        std::string(hello.set));
    }

    std::string received_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::mongodb>(const AppRequest&) {
    return std::make_unique<Mongodb>();
}

}  // namespace whylink::probes
