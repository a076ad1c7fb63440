#include "probes/app/codecs/text.hpp"

#include <algorithm>
#include <cstddef>

namespace whylink::probes {
namespace {

constexpr std::size_t max_said = 200;

bool is_space(char character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
}

bool continues_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    bool space = false;
    for (const char character : text) {
        if (is_space(character)) {
            space = !line.empty();
            continue;
        }
        if (space) {
            line += ' ';
        }
        space = false;
        line += character;
        if (line.size() > max_said + 1) {
            break;
        }
    }
    if (line.size() <= max_said) {
        return line;
    }
    std::size_t end = max_said;
    // Four bytes make the longest character; what goes on beyond that is not UTF-8 anyway.
    for (int step = 0; step < 3 && continues_a_character(line[end]); ++step) {
        --end;
    }
    line.resize(end);
    return line;
}

std::string_view first_line(std::string_view text) {
    std::string_view line = text.substr(0, text.find('\n'));
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

bool may_begin_with(std::string_view bytes, std::string_view wanted) {
    const std::size_t both = std::min(bytes.size(), wanted.size());
    return bytes.substr(0, both) == wanted.substr(0, both);
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

Opening::Kind Opening::received(std::string_view bytes) {
    constexpr std::string_view alert = "\x15\x03";
    bytes_ += bytes.substr(0, alert.size() - bytes_.size());
    if (bytes_.empty() || bytes_.front() != alert.front()) {
        return Kind::other;
    }
    if (bytes_.size() < alert.size()) {
        return Kind::undecided;
    }
    return bytes_ == alert ? Kind::tls_alert : Kind::unknown;
}

}  // namespace whylink::probes
