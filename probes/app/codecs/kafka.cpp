// Kafka: ApiVersions, which every listener answers before anybody has logged in, and then Metadata of no topic, which
// names the brokers as clients are to reach them (Apache Kafka, "Kafka protocol guide"). A listener that wants SASL
// first closes at the second.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "config/first_bytes.hpp"
#include "probes/app/codecs/codec.hpp"
#include "probes/app/codecs/location.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::int16_t api_versions = 18;
constexpr std::int16_t metadata = 3;
/// The first in which an empty list of topics means none of them, and the last whose fields are all of fixed form.
constexpr std::int16_t metadata_version = 1;
constexpr std::string_view client = "whylink";

std::string big_endian(std::uint64_t number, unsigned size) {
    std::string bytes;
    for (unsigned i = size; i > 0; --i) {
        bytes += static_cast<char>(number >> (8 * (i - 1)));
    }
    return bytes;
}

/// Request header v1, which both of these versions have.
std::string request(std::int16_t key, std::int16_t version, std::uint32_t correlation,
                    std::string_view body) {
    std::string message = big_endian(static_cast<std::uint16_t>(key), 2) +
                          big_endian(static_cast<std::uint16_t>(version), 2) + big_endian(correlation, 4) +
                          big_endian(client.size(), 2);
    message += client;
    message += body;
    return big_endian(message.size(), 4) + message;
}

/// Reads what Kafka writes; once something was not there, all that follows is nothing.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::int64_t integer(std::size_t size) {
        const std::string_view bytes = take(size);
        // Signed: what is negative is a null or an error.
        std::uint64_t value = !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0
                                  ? ~std::uint64_t{0}
                                  : 0;
        for (const char byte : bytes) {
            value = value << 8U | static_cast<unsigned char>(byte);
        }
        return static_cast<std::int64_t>(value);
    }

    /// Empty for null.
    std::string_view text() {
        const std::int64_t size = integer(2);
        return size > 0 ? take(static_cast<std::size_t>(size)) : std::string_view();
    }

    bool is_good() const { return good_; }

  private:
    std::string_view take(std::size_t size) {
        if (!good_ || rest_.size() < size) {
            good_ = false;
            return {};
        }
        const std::string_view bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return bytes;
    }

    std::string_view rest_;
    bool good_ = true;
};

class Kafka : public JudgingCodec {
  public:
    Kafka() : JudgingCodec(config::App::kafka) {}

    Next start(std::string& out) override {
        out += request(api_versions, 0, config::kafka_correlation, {});
        return Next::read;
    }

    Next received(std::string_view bytes, std::string& out) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_.append(bytes, 0, max_bytes - std::min(received_.size(), max_bytes));
        return read_response(out);
    }

    /// Whoever wants SASL first closes without a word.
    void ended() override {
        if (asked_metadata_ && verdict_.referrals.empty()) {
            verdict_.reply = AppReply::wants_credentials;
            verdict_.said = "closes when asked for the brokers, as where SASL comes first";
        }
    }

    bool has_verdict() const override { return verdict_.reply != AppReply::none; }

  private:
    Next read_response(std::string& out) {
        constexpr std::size_t frame = 4;
        constexpr std::size_t least = 10;  // with the correlation and an error
        if (received_.size() < frame) {
            return Next::read;
        }
        const auto size = static_cast<std::size_t>(Reader(received_).integer(frame)) + frame;
        const bool asked_more = has_verdict();
        if (size < least || size > max_bytes || !answers(asked_more)) {
            return asked_more ? Next::done : conclude(AppReply::other_protocol);
        }
        if (received_.size() < size) {
            return Next::read;
        }
        const std::string response = received_.substr(frame + 4, size - frame - 4);
        received_.erase(0, size);
        return asked_more ? take_metadata(response) : take_versions(response, out);
    }

    /// As far as it came: the identifier of the request, which no other protocol would send back.
    bool answers(bool metadata_asked) const {
        const std::string wanted = big_endian(config::kafka_correlation + (metadata_asked ? 1U : 0U), 4);
        const std::string_view came = std::string_view(received_).substr(4, 4);
        return wanted.starts_with(came);
    }

    Next take_versions(std::string_view response, std::string& out) {
        Reader reader(response);
        const std::int64_t error = reader.integer(2);
        std::optional<bool> knows_metadata;
        const std::int64_t keys = reader.integer(4);
        for (std::int64_t left = keys; left > 0 && reader.is_good(); --left) {
            const std::int64_t key = reader.integer(2);
            const std::int64_t first = reader.integer(2);
            const std::int64_t last = reader.integer(2);
            if (key == metadata) {
                knows_metadata = first <= metadata_version && last >= metadata_version;
            }
        }
        verdict_.said = "ApiVersions";
        if (error != 0) {
            verdict_.status = static_cast<int>(error);
            return conclude(AppReply::unexpected);
        }
        if (keys < 0 || !reader.is_good()) {
            verdict_.said = "ApiVersions that cannot be read";
            return conclude(AppReply::unexpected);
        }
        verdict_.reply = AppReply::served;
        if (!knows_metadata.value_or(false)) {
            return Next::done;
        }
        asked_metadata_ = true;
        constexpr std::string_view no_topic = "\0\0\0\0"sv;
        out += request(metadata, metadata_version, config::kafka_correlation + 1, no_topic);
        return read_response(out);
    }

    Next take_metadata(std::string_view response) {
        Reader reader(response);
        const std::int64_t brokers = reader.integer(4);
        asked_metadata_ = false;
        for (std::int64_t left = brokers; left > 0; --left) {
            constexpr std::int64_t max_port = 65535;
            reader.integer(4);  // the broker's number
            const std::string_view host = reader.text();
            const std::int64_t port = reader.integer(4);
            reader.text();  // its rack
            if (!reader.is_good() || host.empty() || port <= 0 || port > max_port) {
                return unreadable_metadata();
            }
            auto referral = referral_to(ReferralKind::broker, host, static_cast<std::uint16_t>(port));
            if (referral) {
                referral->port = static_cast<std::uint16_t>(port);
                verdict_.add_referral(std::move(*referral));
            }
        }
        if (brokers < 0 || !reader.is_good()) {
            return unreadable_metadata();
        }
        verdict_.said = brokers == 1 ? "1 broker" : std::to_string(brokers) + " brokers";
        return Next::done;
    }

    /// It did answer the first question as Kafka does.
    Next unreadable_metadata() {
        verdict_.referrals.clear();
        verdict_.said = "ApiVersions, and a list of brokers that cannot be read";
        return Next::done;
    }

    bool asked_metadata_ = false;
    std::string received_;
};

}  // namespace

template <>
std::unique_ptr<Codec> codec_of<config::App::kafka>(const AppRequest&) {
    return std::make_unique<Kafka>();
}

}  // namespace whylink::probes
