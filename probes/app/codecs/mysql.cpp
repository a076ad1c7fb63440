// MySQL and MariaDB: the greeting, TLS where it is wanted, and a login attempt of a user who need not exist,
// to its end. Whoever leaves before that is counted, and after max_connect_errors of them the server takes
// nobody from this address any more, until it is told to; a login that is refused is not counted.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/mysql_packet.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view user = "whylink";
constexpr std::size_t max_greeting = 1024;  ///< greetings have about 100 bytes, errors 512 at most
constexpr std::size_t max_later = 16U << 10U;
constexpr unsigned max_questions = 8;  ///< of the authentication

struct KnownError {
    unsigned code;
    AppReply means;
};

/// MySQL's and MariaDB's mysqld_error; 9000 and above: Azure's gateway and ProxySQL.
constexpr std::array known_errors{
    KnownError{1045, AppReply::wants_credentials},  // access denied for user
    KnownError{1044, AppReply::wants_credentials},  // ... to database
    KnownError{1698, AppReply::wants_credentials},  // access denied, no password
    KnownError{1251, AppReply::wants_credentials},  // another kind of password is wanted
    KnownError{1862, AppReply::wants_credentials},  // password has expired
    KnownError{3118, AppReply::wants_credentials},  // account is locked
    KnownError{4151, AppReply::wants_credentials},  // ... MariaDB
    KnownError{1129, AppReply::forbidden},          // host is blocked because of many connection errors
    KnownError{1130, AppReply::forbidden},          // host is not allowed to connect
    KnownError{9000, AppReply::forbidden},          // client with IP address is not allowed
    KnownError{3159, AppReply::wants_tls},          // insecure transport is prohibited
    KnownError{9002, AppReply::wants_tls},          // SSL connection is required
    KnownError{1040, AppReply::cannot_serve},       // too many connections
    KnownError{1041, AppReply::cannot_serve},       // out of memory
    KnownError{1053, AppReply::cannot_serve},       // shutdown in progress
    KnownError{1135, AppReply::cannot_serve},       // cannot create a thread
    KnownError{1203, AppReply::cannot_serve},       // too many connections of the user
    KnownError{1226, AppReply::cannot_serve},       // a limit of the user's
    KnownError{9001, AppReply::cannot_serve},       // no backend was reached in time
};

AppReply meaning_of(unsigned code) {
    for (const KnownError& known : known_errors) {
        if (known.code == code) {
            return known.means;
        }
    }
    return AppReply::unexpected;
}

/// Proxies of clouds refuse plain text under codes of their own, of credentials or of anything (AWS's RDS Proxy).
AppReply meaning_of(const mysql::Error& error) {
    constexpr std::array<std::string_view, 3> wordings{"requires TLS", "requires SSL",
                                                       "SSL connection is required"};
    const bool wants_tls = std::ranges::any_of(
        wordings, [&](std::string_view wording) { return contains(error.text, wording); });
    return wants_tls ? AppReply::wants_tls : meaning_of(error.code);
}

constexpr char ok = '\x00';
constexpr char more_data = '\x01';
constexpr char greeting_9 = '\x09';
constexpr char greeting_10 = '\x0a';
constexpr char switch_plugin = '\xfe';
constexpr char error = '\xff';

class Mysql : public JudgingCodec {
  public:
    explicit Mysql(bool tls) : JudgingCodec(config::App::mysql), wants_tls_(tls) {}

    Next start(std::string&) override { return Next::read; }

    bool minds_breaking_off() const override { return true; }

    Next received(std::string_view bytes, std::string& out) override {
        received_.append(bytes, 0, max_bytes - received_.size());
        for (;;) {
            if (!greeted_ && !can_be_first()) {
                return conclude(AppReply::other_protocol);
            }
            mysql::Packet packet;
            switch (mysql::read_packet(received_, greeted_ ? max_later : max_greeting, packet)) {
                case mysql::Framing::incomplete:
                    return Next::read;
                case mysql::Framing::impossible:
                    return conclude(greeted_ ? AppReply::unexpected : AppReply::other_protocol);
                case mysql::Framing::packet:
                    break;
            }
            const std::string body(packet.body);
            sequence_ = static_cast<std::uint8_t>(packet.sequence + 1);
            received_.erase(0, 4 + body.size());
            const Next next = greeted_ ? take_answer(body, out) : take_first(body, out);
            if (next != Next::read || received_.empty()) {
                return next;
            }
        }
    }

    Next tls_started(std::string& out) override {
        out += mysql::packet(sequence_++, mysql::login(capabilities_, user, plugin_));
        return Next::read;
    }

  private:
    /// The number of the first packet is 0, and 1 of errors by some proxies; then comes what kind it is of.
    bool can_be_first() const {
        if (received_.size() > 3 && static_cast<unsigned char>(received_[3]) > 1) {
            return false;
        }
        return received_.size() < 5 || received_[4] == greeting_9 || received_[4] == greeting_10 ||
               received_[4] == error;
    }

    Next take_first(std::string_view body, std::string& out) {
        if (body.front() == error) {
            return judge(body);
        }
        mysql::Greeting greeting;
        if (body.front() == greeting_9 || !mysql::read_greeting(body, greeting)) {
            verdict_.said = "a greeting of no known kind";
            return conclude(AppReply::unexpected);
        }
        greeted_ = true;
        verdict_.server = one_line(greeting.version);
        plugin_ = greeting.plugin.empty() ? "mysql_native_password"sv : greeting.plugin.substr(0, 64);
        lacks_tls_ = wants_tls_ && (greeting.capabilities & mysql::client_ssl) == 0;
        capabilities_ = mysql::login_capabilities(greeting, wants_tls_);
        if (!wants_tls_ || lacks_tls_) {
            return tls_started(out);  // also without the TLS that was wanted: no secret goes with it
        }
        // What came behind the greeting was said by nobody whom TLS vouches for.
        if (!received_.empty()) {
            return conclude(AppReply::unexpected);
        }
        out += mysql::packet(sequence_++, mysql::ssl_request(capabilities_));
        return Next::start_tls;
    }

    Next take_answer(std::string_view body, std::string& out) {
        constexpr std::string_view quit = "\x01";
        switch (body.front()) {
            case error:
                return judge(body);
            case ok:
                out += mysql::packet(0, quit);
                verdict_.said = "lets everybody in";
                return conclude(lacks_tls_ ? AppReply::without_tls : AppReply::served);
            case switch_plugin:
                plugin_ = body.substr(1, std::min(body.find('\0'), std::size_t{65}) - 1);
                return answer(mysql::first_answer(plugin_), out);
            case more_data:
                if (body == "\x01\x03"sv) {
                    return Next::read;  // caching_sha2_password knows enough; its verdict follows
                }
                break;
            default:
                break;
        }
        return answer(mysql::next_answer(plugin_), out);
    }

    Next answer(std::string_view answer, std::string& out) {
        if (++questions_ > max_questions) {
            return conclude(AppReply::unexpected);
        }
        out += mysql::packet(sequence_++, answer);
        return Next::read;
    }

    Next judge(std::string_view body) {
        const mysql::Error failed = mysql::read_error(body);
        verdict_.status = static_cast<int>(failed.code);
        verdict_.said = one_line(failed.text);
        const AppReply meaning = meaning_of(failed);
        const bool let_on = meaning == AppReply::wants_credentials || meaning == AppReply::wants_tls;
        return conclude(lacks_tls_ && let_on ? AppReply::without_tls : meaning);
    }

    const bool wants_tls_;
    bool lacks_tls_ = false;
    bool greeted_ = false;
    std::uint8_t sequence_ = 0;  ///< of our next packet
    unsigned questions_ = 0;
    std::uint32_t capabilities_ = 0;
    std::string plugin_;
    std::string received_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::mysql>(const AppRequest& request) {
    return std::make_unique<Mysql>(request.tls);
}

}  // namespace whylink::probes
