#include "daemon/page/html.hpp"

#include <algorithm>

#include "config/outside_text.hpp"
#include "daemon/http/target.hpp"

namespace whylink::daemon::page {
namespace {

std::string_view escape_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

/// Most texts are: nothing in them has to be looked at again.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F;
    });
}

}  // namespace

Link Link::evidence(std::string_view file) {
    Link link("/evidence/");
    link.text_ += http::percent_encoded(file.substr(file.rfind('/') + 1));
    return link;
}

Link& Link::with(Name key, std::string_view value) {
    text_ += has_query_ ? '&' : '?';
    text_ += key.text();
    text_ += '=';
    text_ += http::percent_encoded(value);
    has_query_ = true;
    return *this;
}

void Html::escape(std::string_view text) {
    for (const char c : text) {
        const std::string_view escaped = escape_of(c);
        if (escaped.empty()) {
            out_ += c;
        } else {
            out_ += escaped;
        }
    }
}

void Html::text(std::string_view text) {
    if (is_plain(text)) {
        escape(text);
    } else {
        escape(printable(text));
    }
}

void Html::lines(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        this->text(text.substr(0, end));
        if (end < text.size()) {
            out_ += '\n';
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void Html::open(Name name, Attributes attributes) {
    out_ += '<';
    out_ += name.text();
    for (const Attribute& attribute : attributes) {
        if (!attribute.present()) {
            continue;
        }
        out_ += ' ';
        out_ += attribute.name();
        out_ += "=\"";
        text(attribute.value());
        out_ += '"';
    }
}

void Html::close(std::string_view name) {
    out_ += "</";
    out_ += name;
    out_ += '>';
}

Html::Element Html::in(Name name, Attributes attributes) {
    open(name, attributes);
    out_ += '>';
    return {*this, name.text()};
}

void Html::put(Name name, Attributes attributes, std::string_view text) {
    const Element element = in(name, attributes);
    this->text(text);
}

void Html::lone(Name name, Attributes attributes) {
    open(name, attributes);
    out_ += "/>";
}

}  // namespace whylink::daemon::page
