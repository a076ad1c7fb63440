#include "daemon/log/line.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

/// Those of syslog(3), which sd-daemon(3) takes over.
int priority(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::error:
            return 3;
        case config::LogLevel::warn:
            return 4;
        case config::LogLevel::info:
            return 6;
        case config::LogLevel::debug:
        case config::LogLevel::trace:
            break;
    }
    return 7;
}

struct ToJson {
    Json operator()(const std::string& text) const { return printable(text); }
    Json operator()(const std::vector<std::string>& texts) const {
        Json array = Json::array();
        for (const std::string& text : texts) {
            array.push_back(printable(text));
        }
        return array;
    }
    template <class Scalar>
    Json operator()(Scalar value) const {
        return value;
    }
};

}  // namespace

std::string text_lines(const Record& record, std::chrono::system_clock::time_point time, LineStyle style) {
    const bool journal = style == LineStyle::journal;
    const std::string mark = journal ? fmt::format("<{}>", priority(record.level)) : std::string();
    std::string lines = journal ? mark : rfc3339(time) + " ";
    fmt::format_to(std::back_inserter(lines), "{} {}\n", slug(record.level), printable(record.message));
    for (const std::string& detail : record.details) {
        fmt::format_to(std::back_inserter(lines), "{}    {}\n", mark, printable(detail));
    }
    return lines;
}

std::string json_line(const Record& record, std::chrono::system_clock::time_point time) {
    Json object;
    object["time"] = rfc3339(time);
    object["level"] = slug(record.level);
    object["event"] = record.event;
    object["message"] = printable(record.message);
    for (const auto& [key, value] : record.fields) {
        object[std::string(key)] = std::visit(ToJson(), value);
    }
    return object.dump() + '\n';
}

}  // namespace whylink::daemon
