#include "probes/app/codecs/text.hpp"

#include <algorithm>
#include <cstddef>

#include "config/outside_text.hpp"

namespace whylink::probes {
namespace {

constexpr std::size_t max_said = 200;

bool is_space(char character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
}

}  // namespace

std::string one_line(std::string_view text, std::size_t further) {
    return outside_text(squeezed(text), max_said, further);
}

std::string squeezed(std::string_view text) {
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
    }
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
