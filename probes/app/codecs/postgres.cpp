// PostgreSQL: SSLRequest where TLS is wanted, then a StartupMessage of a user that need not exist; what asks
// for a password then, has been reached. Terminate while it waits for one would be logged as an error, and so
// would a reset; an end in good order is not, for libpq without a password does the same (auth_failed() of
// the server's auth.c).
#include <string>

#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/postgres_message.hpp"
#include "probes/app/codecs/text.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

constexpr std::string_view user = "whylink";
constexpr std::string_view database = "postgres";  // there from the beginning, unlike one named like the user

class Postgres : public JudgingCodec {
  public:
    explicit Postgres(bool tls)
        : JudgingCodec(config::App::postgres), expect_(tls ? Expect::tls_answer : Expect::message) {}

    Next start(std::string& out) override {
        out += expect_ == Expect::tls_answer ? postgres::ssl_request()
                                             : postgres::startup_message(user, database);
        return Next::read;
    }

    Next received(std::string_view bytes, std::string& out) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_.append(bytes, 0, max_bytes - received_.size());
        return expect_ == Expect::tls_answer ? read_tls_answer(out) : read_messages(out);
    }

    Next tls_started(std::string& out) override {
        expect_ = Expect::message;
        received_.clear();
        out += postgres::startup_message(user, database);
        return Next::read;
    }

    bool minds_reset() const override { return true; }

  private:
    enum class Expect { tls_answer, message };

    /// One byte, and nothing before our next: what is longer is another protocol ("SSH-2.0-…"), or somebody
    /// who puts words into the server's mouth before TLS protects them (CVE-2021-23222).
    Next read_tls_answer(std::string& out) {
        if (received_.front() == 'E') {
            return read_messages(out);
        }
        if (received_.size() > 1 || (received_.front() != 'S' && received_.front() != 'N')) {
            return conclude(AppReply::other_protocol);
        }
        if (received_.front() == 'S') {
            return Next::start_tls;
        }
        verdict_.said = "no TLS";
        return conclude(AppReply::without_tls);
    }

    Next read_messages(std::string& out) {
        for (;;) {
            postgres::Message message;
            switch (postgres::read_message(received_, message)) {
                case postgres::Framing::incomplete:
                    return received_.size() < max_bytes ? Next::read : conclude(AppReply::unexpected);
                case postgres::Framing::impossible:
                    return read_old_error();
                case postgres::Framing::message:
                    break;
            }
            const std::size_t size = message.body.size() + 5;
            const Next next = take(message, out);
            if (next != Next::read) {
                return next;
            }
            received_.erase(0, size);
            spoken_ = true;
        }
    }

    /// Only AuthenticationOk leaves something to wait for: whether the server then lets the login come true.
    Next take(const postgres::Message& message, std::string& out) {
        switch (message.type) {
            case 'E':
                return judge(postgres::read_error(message.body));
            case 'R':
                return judge_authentication(postgres::authentication_type(message.body));
            case 'S':
                if (const std::optional<bool> said = postgres::read_only(message.body)) {
                    verdict_.read_only = verdict_.read_only.value_or(false) || *said;
                }
                return Next::read;
            case 'Z':
                out += postgres::terminate();
                return conclude(AppReply::served);
            default:
                break;
        }
        return Next::read;
    }

    Next judge(const postgres::Error& error) {
        verdict_.said = one_line(std::string(error.sqlstate) + ": " + std::string(error.text));
        return conclude(postgres::meaning_of(error));
    }

    Next judge_authentication(std::optional<std::uint32_t> type) {
        if (!type) {
            return conclude(AppReply::other_protocol);
        }
        if (*type == 0) {
            verdict_.said = "lets everybody in";
            verdict_.reply = AppReply::served;
            return Next::read;
        }
        verdict_.said = postgres::authentication_name(*type);
        return conclude(AppReply::wants_credentials);
    }

    /// What a postmaster without a process to spare says: 'E' and text (report_fork_failure_to_client() of
    /// the server's postmaster.c). It may come to either question.
    Next read_old_error() {
        constexpr std::string_view begin = "Ecould not ";
        constexpr std::size_t max_text = 1024;
        if (spoken_ || !may_begin_with(received_, begin)) {
            return conclude(AppReply::other_protocol);
        }
        const std::string_view text = std::string_view(received_).substr(0, max_text);
        const std::size_t end = text.find('\0');
        if (end == std::string_view::npos && text.size() < max_text) {
            return Next::read;
        }
        verdict_.said = one_line(text.substr(1, end - 1));
        return conclude(AppReply::cannot_serve);
    }

    Expect expect_;
    bool spoken_ = false;  ///< a message came, so that it is this protocol
    std::string received_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::postgres>(const AppRequest& request) {
    return std::make_unique<Postgres>(request.tls);
}

}  // namespace whylink::probes
