#include "daemon/log/line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/outside_text.hpp"
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

std::string further_text(std::size_t count) {
    return fmt::format("and {} more", count);
}

/// The key of what does not fit into a list of objects, or into an object.
constexpr const char* left_out_key = "left_out";

/// How much of a record is written: bytes of each text, items of each list.
struct Bounds {
    std::size_t text = max_line;
    std::size_t items = 1024;
};

struct ToJson {
    Bounds bounds;

    Json operator()(const std::string& text) const { return outside_text(text, bounds.text); }
    Json operator()(const std::vector<std::string>& texts) const {
        Json array = Json::array();
        for (const std::string& text : texts) {
            if (array.size() == bounds.items) {
                array.push_back(further_text(texts.size() - bounds.items));
                break;
            }
            array.push_back(outside_text(text, bounds.text));
        }
        return array;
    }
    Json operator()(const Record::Labels& labels) const {
        Json object = Json::object();
        for (const auto& [name, value] : labels) {
            if (object.size() == bounds.items) {
                object[left_out_key] = further_text(labels.size() - bounds.items);
                break;
            }
            object[outside_text(name, bounds.text)] = outside_text(value, bounds.text);
        }
        return object;
    }
    Json operator()(const std::vector<RecordRow>& rows) const {
        Json array = Json::array();
        for (const RecordRow& row : rows) {
            if (array.size() == bounds.items) {
                array.push_back(Json::object({{left_out_key, further_text(rows.size() - bounds.items)}}));
                break;
            }
            array.push_back((*this)(row));
        }
        return array;
    }
    Json operator()(const RecordRow& row) const {
        Json object = Json::object();
        for (const auto& [key, value] : row.fields) {
            object[std::string(key)] = std::visit(*this, value);
        }
        return object;
    }
    template <class Scalar>
    Json operator()(Scalar value) const {
        return value;
    }
};

/// Beginning and text, and the line feed behind them, in max_line bytes.
std::string bounded_line(std::string_view begin, std::string_view text) {
    constexpr std::size_t for_mark = 64;  // of outside_text(), and the line feed
    return fmt::format("{}{}\n", begin, outside_text(text, max_line - for_mark - begin.size()));
}

std::string json_line(const Record& record, const std::string& time, Bounds bounds) {
    const ToJson to_json{bounds};
    Json object;
    object["time"] = time;
    object["level"] = slug(record.level);
    object["event"] = record.event;
    object["message"] = to_json(record.message);
    for (const auto& [key, value] : record.fields) {
        object[std::string(key)] = std::visit(to_json, value);
    }
    return object.dump() + '\n';
}

}  // namespace

std::string priority_mark(config::LogLevel level) {
    return fmt::format("<{}>", priority(level));
}

std::string text_lines(const Record& record, std::chrono::system_clock::time_point time, LineStyle style) {
    const bool journal = style == LineStyle::journal;
    const std::string mark = journal ? priority_mark(record.level) : std::string();
    const std::string begin = journal ? mark : rfc3339(time) + " ";
    std::string lines = bounded_line(fmt::format("{}{} ", begin, slug(record.level)), record.message);
    const std::string indented = mark + "    ";
    const std::size_t shown = std::min(record.details.size(), max_detail_lines);
    for (std::size_t i = 0; i < shown; ++i) {
        lines += bounded_line(indented, record.details[i]);
    }
    if (shown < record.details.size()) {
        lines += bounded_line(indented, further_text(record.details.size() - shown));
    }
    return lines;
}

std::string json_line(const Record& record, std::chrono::system_clock::time_point time) {
    const std::string at = rfc3339(time);
    Bounds bounds;
    std::string line = json_line(record, at, bounds);
    while (line.size() > max_json_line && bounds.text > 1) {
        bounds = {bounds.text / 2, std::max<std::size_t>(bounds.items / 2, 1)};
        line = json_line(record, at, bounds);
    }
    return line;
}

}  // namespace whylink::daemon
