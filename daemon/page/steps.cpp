#include "daemon/page/steps.hpp"

#include "daemon/report/human/steps.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon::page {
namespace {

/// A step as long as this with a command in it is read as one sentence.
constexpr std::size_t one_line = 72;

/// Short commands stay among the words, between backticks.
void write_words(Html& html, std::string_view words) {
    while (!words.empty()) {
        const std::size_t begin = words.find('`');
        const std::size_t end = begin == std::string_view::npos ? begin : words.find('`', begin + 1);
        if (end == std::string_view::npos) {
            html.text(words);
            return;
        }
        html.text(words.substr(0, begin));
        html.put("code", words.substr(begin + 1, end - begin - 1));
        words.remove_prefix(end + 1);
    }
}

}  // namespace

void write_command(Html& html, std::string_view command) {
    const auto block = html.in("div", {{"class", "command"}});
    const auto pre = html.in("pre", {{"tabindex", "0"}, {"role", "region"}, {"aria-label", "Command"}});
    html.put("code", command);
}

void write_step(Html& html, std::string_view step) {
    for (const StepPart& part : step_parts(sentence(std::string(step)), one_line)) {
        if (part.command) {
            write_command(html, part.text);
        } else {
            const auto words = html.in("p");
            write_words(html, part.text);
        }
    }
}

}  // namespace whylink::daemon::page
