#include "daemon/report/human/steps.hpp"

#include <fmt/format.h>

#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t indent = 2;
/// Behind " 1. ".
constexpr std::size_t text_column = 6;
constexpr std::size_t command_column = 8;
/// A command as short as a word or two is read among the words.
constexpr std::size_t max_inline = 32;

/// What leads to a command ends in a colon.
void end_with_colon(std::string& text) {
    text.erase(text.find_last_not_of(" ,;:.") + 1);
    if (!text.empty()) {
        text += ':';
    }
}

void add_words(std::vector<StepPart>& parts, std::string words) {
    const bool behind_command = !parts.empty();
    words.erase(0, words.find_first_not_of(behind_command ? " ,;:." : " "));
    words.erase(words.find_last_not_of(' ') + 1);
    if (!words.empty()) {
        parts.push_back({behind_command ? capitalised(std::move(words)) : std::move(words)});
    }
}

}  // namespace

std::vector<StepPart> step_parts(std::string_view step, std::size_t room) {
    std::vector<StepPart> parts;
    std::string words;
    const bool fits = display_width(step) <= room;
    while (!step.empty()) {
        const std::size_t begin = step.find('`');
        const std::size_t end = begin == std::string_view::npos ? begin : step.find('`', begin + 1);
        if (end == std::string_view::npos) {
            words += step;
            break;
        }
        const std::string_view command = step.substr(begin + 1, end - begin - 1);
        if (fits || display_width(command) <= max_inline) {
            words += step.substr(0, end + 1);
        } else {
            words += step.substr(0, begin);
            end_with_colon(words);
            add_words(parts, std::move(words));
            words.clear();
            parts.push_back({std::string(command), true});
        }
        step.remove_prefix(end + 1);
    }
    add_words(parts, std::move(words));
    return parts;
}

std::string first_action(std::string_view step) {
    bool command = false;
    bool had_command = false;
    for (std::size_t i = 0; i + 1 < step.size(); ++i) {
        if (step[i] == '`') {
            had_command = command;
            command = !command;
        } else if (!command && step[i + 1] == ' ' && (step[i] == '.' || (step[i] == ';' && had_command))) {
            return sentence(std::string(step.substr(0, i)));
        }
    }
    return sentence(std::string(step));
}

void write_step(Canvas& canvas, std::size_t number, std::string_view step) {
    const Painted numbered = spaces(indent) + canvas.paint(fmt::format("{:>2}. ", number));
    bool first = true;
    for (const StepPart& part : step_parts(step, canvas.text_edge() - text_column)) {
        if (part.command) {
            canvas.line((first ? numbered : spaces(command_column)) + canvas.paint(part.text, Ink::bold));
        } else {
            canvas.prose(first ? numbered : spaces(text_column), part.text, canvas.text_edge());
        }
        first = false;
    }
}

}  // namespace whylink::daemon
