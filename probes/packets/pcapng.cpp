#include "probes/packets/pcapng.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace whylink::probes {
namespace {

// draft-ietf-opsawg-pcapng section 4: block types, and the options that are written into them.
constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t interface_statistics = 5;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;

constexpr std::uint16_t opt_endofopt = 0;
constexpr std::uint16_t opt_comment = 1;
constexpr std::uint16_t shb_os = 3;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;
constexpr std::uint16_t if_filter = 11;
constexpr std::uint16_t isb_starttime = 2;
constexpr std::uint16_t isb_endtime = 3;
constexpr std::uint16_t isb_ifdrop = 5;

constexpr std::size_t max_option = std::numeric_limits<std::uint16_t>::max();
/// libpcap refuses a section header of 1 MiB (BT_SHB_INSANE_MAX); the last comment may go beyond this, and
/// behind it come two more options.
constexpr std::size_t max_comments = 768U << 10U;
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

void put(std::string& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
}
void put16(std::string& out, std::uint16_t value) {
    put(out, value, 2);
}
void put32(std::string& out, std::uint64_t value) {
    put(out, value, 4);
}
/// Times are written with the upper half first, whatever the byte order.
void put_time(std::string& out, std::uint64_t value) {
    put32(out, value >> 32U);
    put32(out, value & 0xffffffffU);
}

/// To the next multiple of four, as bodies and values end.
void pad(std::string& out) {
    out.append((4 - out.size() % 4) % 4, '\0');
}

void option(std::string& out, std::uint16_t code, std::string_view value) {
    put16(out, code);
    put16(out, static_cast<std::uint16_t>(value.size()));
    out += value;
    pad(out);
}

/// `body` is a multiple of four long.
std::string block(std::uint32_t type, std::string_view body) {
    const std::size_t length = body.size() + 12;
    std::string out;
    out.reserve(length);
    put32(out, type);
    put32(out, length);
    out += body;
    put32(out, length);
    return out;
}

/// What the second byte of a sequence may be (RFC 3629 section 4): some lead bytes narrow it, so that nothing
/// is over-long, a surrogate or beyond U+10FFFF.
struct Second {
    unsigned char from = 0x80;
    unsigned char to = 0xbf;
};

Second second_after(unsigned char lead) {
    switch (lead) {
        case 0xe0:
            return {0xa0, 0xbf};
        case 0xed:
            return {0x80, 0x9f};
        case 0xf0:
            return {0x90, 0xbf};
        case 0xf4:
            return {0x80, 0x8f};
        default:
            return {};
    }
}

/// Bytes of the character that `text` begins with; 0 when these are no UTF-8.
std::size_t character_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return lead == 0 ? 0 : 1;
    }
    const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return 0;
    }
    const Second second = second_after(lead);
    if (byte(1) < second.from || byte(1) > second.to) {
        return 0;
    }
    for (std::size_t i = 2; i < size; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xbf) {
            return 0;
        }
    }
    return size;
}

/// As much of it as an option can hold.
std::string utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const std::string_view character = size == 0 ? replacement : text.substr(0, size);
        if (out.size() + character.size() > max_option) {
            break;
        }
        out += character;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

void text_option(std::string& out, std::uint16_t code, std::string_view text) {
    if (!text.empty()) {
        option(out, code, utf8(text));
    }
}

std::string section_block(const PcapngSection& section, std::size_t length_behind) {
    std::string body;
    put32(body, byte_order_magic);
    put16(body, 1);  // version 1.0
    put16(body, 0);
    put(body, length_behind, 8);
    for (const std::string& comment : section.comments) {
        if (body.size() >= max_comments) {
            break;
        }
        text_option(body, opt_comment, comment);
    }
    text_option(body, shb_os, section.operating_system);
    text_option(body, shb_userappl, section.application);
    option(body, opt_endofopt, {});
    return block(section_header, body);
}

/// The registered LINKTYPE_* value, which files use. It is the DLT_* value except for raw IP, of which the
/// latter differs between systems.
std::uint16_t file_link_type(LinkType link) {
    return link == LinkType::raw_ip ? 101 : static_cast<std::uint16_t>(link);
}

std::string interface_block(const PcapngSection& section, const KeptFrames& frames) {
    // Readers may refuse packets that are longer than the interface says; 0 is "no limit".
    std::size_t snapshot =
        section.snapshot_length < 0 ? 0U : static_cast<std::size_t>(section.snapshot_length);
    for (std::size_t i = 0; snapshot > 0 && i < frames.entries.size(); ++i) {
        snapshot = std::max(snapshot, frames.entries[i].size);
    }
    std::string body;
    put16(body, file_link_type(frames.link));
    put16(body, 0);
    put32(body, snapshot);
    text_option(body, if_name, section.interface);
    option(body, if_tsresol, "\x09");  // 10^-9 s
    // The first byte says what language it is in: 0 is libpcap's.
    const std::string filter = std::string(1, '\0') + section.filter;
    if (!section.filter.empty() && filter.size() <= max_option && utf8(section.filter) == section.filter) {
        option(body, if_filter, filter);
    }
    option(body, opt_endofopt, {});
    return block(interface_description, body);
}

std::uint64_t since_epoch(Nanoseconds time) {
    return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

std::string packet_block(const Frame& frame, std::string_view comment) {
    std::string body;
    body.reserve(24 + frame.bytes.size());
    put32(body, 0);  // the interface
    put_time(body, since_epoch(frame.time));
    put32(body, frame.bytes.size());
    put32(body, std::max<std::size_t>(frame.wire_length, frame.bytes.size()));
    for (const std::uint8_t byte : frame.bytes) {
        body += static_cast<char>(byte);
    }
    pad(body);
    if (!comment.empty()) {
        text_option(body, opt_comment, comment);
        option(body, opt_endofopt, {});
    }
    return block(enhanced_packet, body);
}

void time_option(std::string& out, std::uint16_t code, Nanoseconds time) {
    std::string value;
    put_time(value, since_epoch(time));
    option(out, code, value);
}

/// The statistics are as of the last packet: the file knows no later time.
std::string statistics_block(const PcapngSection& section, const KeptFrames& frames) {
    std::string body;
    put32(body, 0);  // the interface
    put_time(body, frames.entries.empty() ? 0 : since_epoch(frames.entries.back().time));
    if (!frames.entries.empty()) {
        time_option(body, isb_starttime, frames.entries.front().time);
        time_option(body, isb_endtime, frames.entries.back().time);
    }
    std::string dropped;
    put(dropped, section.dropped, 8);
    option(body, isb_ifdrop, dropped);
    option(body, opt_endofopt, {});
    return block(interface_statistics, body);
}

}  // namespace

std::string pcapng(const PcapngSection& section, const KeptFrames& frames) {
    std::string behind = interface_block(section, frames);
    for (std::size_t i = 0; i < frames.entries.size(); ++i) {
        behind += packet_block(frames.frame(i), frames.entries[i].comment);
    }
    if (!frames.entries.empty() || section.dropped > 0) {
        behind += statistics_block(section, frames);
    }
    return section_block(section, behind.size()) + behind;
}

}  // namespace whylink::probes
