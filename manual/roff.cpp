#include "manual/roff.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>

namespace whylink::manual {
namespace {

// The source, not the page: mandoc(1) asks for lines of at most 80 bytes.
constexpr std::size_t line_width = 70;

/// What is copied into a shell keeps its hyphens and quotes.
enum class Use { prose, code };

std::string escape(std::string_view text, Use use) {
    std::string made;
    for (const char c : text) {
        switch (c) {
            case '\\':
                made += "\\e";
                break;
            case '-':
                made += use == Use::code ? "\\-" : "-";
                break;
            case '\'':
                made += use == Use::code ? "\\(aq" : "'";
                break;
            case '"':
                made += use == Use::code ? "\\(dq" : "\"";
                break;
            case '`':
                made += "\\(ga";
                break;
            case '^':
                made += "\\(ha";
                break;
            case '~':
                made += "\\(ti";
                break;
            default:
                made += c;
        }
    }
    return made;
}

/// A line that begins with one of these is a request.
std::string as_text_line(const std::string& line) {
    return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

/// With `code` in bold. A backquote without a second one stands for itself.
std::string inline_markup(std::string_view text) {
    std::string made;
    while (true) {
        const std::size_t begin = text.find('`');
        const std::size_t end = begin == std::string_view::npos ? begin : text.find('`', begin + 1);
        if (end == std::string_view::npos) {
            return made + escape(text, Use::prose);
        }
        made += escape(text.substr(0, begin), Use::prose);
        made += "\\fB" + escape(text.substr(begin + 1, end - begin - 1), Use::code) + "\\fR";
        text.remove_prefix(end + 1);
    }
}

}  // namespace

Roff::Roff(std::string_view name, int section, std::string_view what, const Release& release) {
    std::string capitals(name);
    std::ranges::transform(capitals, capitals.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    page_ = ".\\\" Made by whylink\\-manual from the program's own tables.\n.TH " +
            escape(capitals, Use::code) + " " + std::to_string(section) + " " + release.date + " \"whylink " +
            release.version + "\"\n";
    heading("NAME");
    page_ += escape(name, Use::code) + " \\- " + escape(what, Use::prose) + "\n";
}

void Roff::heading(std::string_view title) {
    page_ += ".SH " + escape(title, Use::prose) + "\n";
}

void Roff::subheading(std::string_view title) {
    page_ += ".SS " + escape(title, Use::code) + "\n";
}

/// One paragraph, in lines of the source.
void Roff::fill(std::string_view text) {
    std::istringstream words(inline_markup(text));
    std::string line;
    for (std::string word; words >> word;) {
        if (!line.empty() && line.size() + 1 + word.size() > line_width) {
            page_ += as_text_line(line) + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    page_ += as_text_line(line) + "\n";
}

/// A heading makes the space above the first one.
void Roff::begin_paragraph() {
    const std::size_t last = page_.rfind('\n', page_.size() - 2) + 1;
    if (!page_.substr(last).starts_with(".S")) {
        page_ += ".PP\n";
    }
}

void Roff::paragraph(std::string_view text) {
    begin_paragraph();
    fill(text);
}

void Roff::item(std::string_view term, const std::vector<std::string>& texts) {
    page_ += ".TP\n" + as_text_line(inline_markup(term)) + "\n";
    bool first = true;
    for (const std::string& text : texts) {
        page_ += first ? "" : ".IP\n";
        fill(text);
        first = false;
    }
}

void Roff::literal(std::span<const std::string> lines) {
    page_ += ".nf\n";
    for (const std::string& line : lines) {
        page_ += as_text_line(escape(line, Use::code)) + "\n";
    }
    page_ += ".fi\n";
}

void Roff::example(std::span<const std::string> lines) {
    begin_paragraph();
    page_ += ".RS 4\n";
    literal(lines);
    page_ += ".RE\n";
}

void Roff::item_example(std::span<const std::string> lines) {
    page_ += ".IP\n";
    literal(lines);
}

void Roff::references(const std::vector<std::string>& pages) {
    heading("SEE ALSO");
    for (const std::string& page : pages) {
        const std::size_t bracket = page.find('(');
        page_ += ".BR " + escape(page.substr(0, bracket), Use::code) + " " + page.substr(bracket) +
                 (&page == &pages.back() ? "\n" : " ,\n");
    }
}

}  // namespace whylink::manual
