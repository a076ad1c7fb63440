#include "probes/app/codecs/http2.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "config/first_bytes.hpp"
#include "probes/app/codecs/hpack.hpp"
#include "probes/app/codecs/http_exchange.hpp"
#include "probes/app/codecs/verdict.hpp"

namespace whylink::probes {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t header_size = 9;
constexpr unsigned max_frames = 64;       ///< before the response's headers; each may want an answer
constexpr std::size_t max_frame = 16384;  ///< without a setting of ours that allows more

enum Type : unsigned { data = 0, headers = 1, reset_stream = 3, settings = 4, ping = 6, goaway = 7 };
enum Flag : unsigned { ack = 1, end_stream = 1, end_headers = 4, padded = 8, has_priority = 0x20 };

struct Frame {
    unsigned type = 0;
    unsigned flags = 0;
    std::uint32_t stream = 0;
    std::string_view payload;
};

std::uint32_t number(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char byte : bytes) {
        value = value << 8U | static_cast<unsigned char>(byte);
    }
    return value;
}

std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
    const std::size_t size = payload.size();
    std::string bytes;
    for (const std::uint32_t octet :
         {static_cast<std::uint32_t>(size >> 16U), static_cast<std::uint32_t>(size >> 8U),
          static_cast<std::uint32_t>(size), type, flags, stream >> 24U, stream >> 16U, stream >> 8U,
          stream}) {
        bytes += static_cast<char>(octet);
    }
    bytes += payload;
    return bytes;
}

/// RFC 9113 section 7.
std::string error_text(std::uint32_t code) {
    constexpr std::array<std::string_view, 14> names{"NO_ERROR",
                                                     "PROTOCOL_ERROR",
                                                     "INTERNAL_ERROR",
                                                     "FLOW_CONTROL_ERROR",
                                                     "SETTINGS_TIMEOUT",
                                                     "STREAM_CLOSED",
                                                     "FRAME_SIZE_ERROR",
                                                     "REFUSED_STREAM",
                                                     "CANCEL",
                                                     "COMPRESSION_ERROR",
                                                     "CONNECT_ERROR",
                                                     "ENHANCE_YOUR_CALM",
                                                     "INADEQUATE_SECURITY",
                                                     "HTTP_1_1_REQUIRED"};
    return code < names.size() ? std::string(names[code]) : "error " + std::to_string(code);
}

/// Four bytes of the payload; 0 where it is shorter.
std::uint32_t error_of(const Frame& frame, std::size_t at) {
    return frame.payload.size() < at + 4 ? 0 : number(frame.payload.substr(at, 4));
}

/// The fragment of the header block, without padding and priority (section 6.2); empty where it has none.
std::string_view block_of(const Frame& frame) {
    std::string_view block = frame.payload;
    if ((frame.flags & padded) != 0 && !block.empty()) {
        const std::size_t padding = static_cast<unsigned char>(block.front());
        block = block.substr(1);
        block.remove_suffix(std::min(padding, block.size()));
    }
    constexpr std::size_t priority_size = 5;
    if ((frame.flags & has_priority) != 0) {
        block.remove_prefix(std::min(priority_size, block.size()));
    }
    return block;
}

class Http2 : public JudgingCodec {
  public:
    Http2(AppRequest request, std::string path)
        : JudgingCodec(request.app), request_(std::move(request)), path_(std::move(path)) {
        verdict_.http2 = true;
    }

    Next start(std::string& out) override {
        // No pushes; nothing else is asked for.
        constexpr std::string_view no_push = "\0\x02\0\0\0\0"sv;
        out += preface;
        out += frame(settings, 0, 0, no_push);
        out += frame(
            headers, end_stream | end_headers, stream,
            hpack::get_request(request_.tls ? "https" : "http", host_header(request_), path_, user_agent));
        return Next::read;
    }

    Next received(std::string_view bytes, std::string& out) override {
        if (const auto next = look_at_opening(bytes)) {
            return *next;
        }
        received_.append(bytes, 0, max_bytes - std::min(received_.size(), max_bytes));
        if (!begun_ && received_.size() >= header_size && !config::is_http2(received_)) {
            return conclude(AppReply::other_protocol);
        }
        // HTTP/1 is known at once.
        if (!begun_ && received_.front() != '\0') {
            return conclude(AppReply::other_protocol);
        }
        return read_frames(out);
    }

  private:
    static constexpr std::uint32_t stream = 1;

    Next read_frames(std::string& out) {
        while (received_.size() >= header_size) {
            const std::string_view bytes = received_;
            const std::size_t size = number(bytes.substr(0, 3));
            if (size > max_frame) {
                return conclude(begun_ ? AppReply::unexpected : AppReply::other_protocol);
            }
            if (bytes.size() < header_size + size) {
                return Next::read;
            }
            begun_ = true;
            if (++frames_ > max_frames) {
                return conclude(AppReply::unexpected);
            }
            const Frame read{.type = static_cast<unsigned char>(bytes[3]),
                             .flags = static_cast<unsigned char>(bytes[4]),
                             .stream = number(bytes.substr(5, 4)) & 0x7fffffffU,
                             .payload = bytes.substr(header_size, size)};
            const Next next = take(read, out);
            if (next != Next::read) {
                return next;
            }
            received_.erase(0, header_size + size);
        }
        return Next::read;
    }

    Next take(const Frame& received_frame, std::string& out) {
        switch (received_frame.type) {
            case settings:
            case ping:
                if ((received_frame.flags & ack) == 0) {
                    out += frame(received_frame.type, ack, 0,
                                 received_frame.type == ping ? received_frame.payload : std::string_view());
                }
                return Next::read;
            case headers:
                return received_frame.stream == stream ? judge(received_frame, out) : Next::read;
            case reset_stream:
                return received_frame.stream == stream ? refused("RST_STREAM", error_of(received_frame, 0))
                                                       : Next::read;
            case goaway:
                // NO_ERROR is a connection that ends in good order; what was asked may still be answered.
                return error_of(received_frame, 4) == 0 ? Next::read
                                                        : refused("GOAWAY", error_of(received_frame, 4));
            default:
                return Next::read;
        }
    }

    Next judge(const Frame& response, std::string& out) {
        const std::optional<int> status = hpack::status(block_of(response));
        if (status && *status < 200) {
            return Next::read;  // an interim response
        }
        // NO_ERROR, with stream 0 as the last of the server's that was taken.
        constexpr std::string_view goodbye = "\0\0\0\0\0\0\0\0"sv;
        out += frame(goaway, 0, 0, goodbye);
        verdict_.status = status;
        verdict_.said = status ? std::to_string(*status) : "a response whose status is not readable";
        return conclude(status ? judge_status(*status) : AppReply::unexpected);
    }

    AppReply judge_status(int status) const {
        const auto& listed = request_.http_status;
        if (std::ranges::find(listed, static_cast<unsigned>(status)) != listed.end()) {
            return AppReply::served;
        }
        return reply_of_status(status, {}, !listed.empty());
    }

    Next refused(std::string_view how, std::uint32_t error) {
        verdict_.said = std::string(how) + " " + error_text(error);
        return conclude(AppReply::unexpected);
    }

    AppRequest request_;
    std::string path_;
    std::string received_;
    unsigned frames_ = 0;
    bool begun_ = false;  ///< a whole frame came, so that it is this protocol
};

}  // namespace

std::unique_ptr<Codec> make_http2(const AppRequest& request, std::string path) {
    return std::make_unique<Http2>(request, std::move(path));
}

}  // namespace whylink::probes
