#include "parsed_page.hpp"

#include <sstream>
#include <stdexcept>

namespace whylink::parsed {
namespace {

[[noreturn]] void refuse(const std::string& line) {
    throw std::runtime_error("bad line: " + line);
}

/// Takes `prefix` off the front.
bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

std::string take_until(std::string_view& text, std::string_view ends, const std::string& line) {
    const std::size_t end = text.find_first_of(ends);
    if (end == std::string_view::npos || end == 0) {
        refuse(line);
    }
    std::string result(text.substr(0, end));
    text.remove_prefix(end);
    return result;
}

std::string take_value(std::string_view& text, const std::string& line) {
    std::string value;
    while (!text.empty() && text.front() != '"') {
        if (take(text, "\\n")) {
            value += '\n';
            continue;
        }
        if (text.front() == '\\') {
            text.remove_prefix(1);
            if (text.empty() || (text.front() != '\\' && text.front() != '"')) {
                refuse(line);
            }
        }
        value += text.front();
        text.remove_prefix(1);
    }
    if (!take(text, "\"")) {
        refuse(line);
    }
    return value;
}

Sample sample(const std::string& line) {
    std::string_view text = line;
    Sample result;
    result.name = take_until(text, "{ ", line);
    if (take(text, "{")) {
        do {
            std::string name = take_until(text, "=", line);
            if (!take(text, "=\"")) {
                refuse(line);
            }
            result.labels.emplace_back(std::move(name), take_value(text, line));
        } while (take(text, ","));
        if (!take(text, "}")) {
            refuse(line);
        }
    }
    if (!take(text, " ") || text.empty() || text.find(' ') != std::string_view::npos) {
        refuse(line);
    }
    result.value = std::string(text);
    return result;
}

}  // namespace

std::vector<Family> families(std::string_view page) {
    std::vector<Family> result;
    std::istringstream lines{std::string(page)};
    for (std::string line; std::getline(lines, line);) {
        std::string_view text = line;
        if (line == "# EOF") {
            continue;
        }
        if (take(text, "# HELP ")) {
            Family& family = result.emplace_back();
            family.name = take_until(text, " ", line);
            family.help = std::string(text.substr(1));
        } else if (take(text, "# TYPE ")) {
            if (result.empty() || take_until(text, " ", line) != result.back().name) {
                refuse(line);
            }
            result.back().type = std::string(text.substr(1));
        } else if (result.empty() || result.back().type.empty()) {
            refuse(line);
        } else {
            result.back().samples.push_back(sample(line));
        }
    }
    return result;
}

std::string page(const daemon::Snapshot& snapshot, daemon::http::MetricsFormat format) {
    std::string text;
    daemon::http::render_metrics(snapshot, format, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace whylink::parsed
