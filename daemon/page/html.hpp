// HTML and SVG, written in the one place that escapes. Names of elements and attributes are literals, every other text is
// escaped, and an address leads to this server: what came from the network or from a file cannot become markup.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace whylink::daemon::page {

/// Of an element or an attribute. Only a literal is one. Attributes that hold code or an address are none: the first
/// are not written at all, the others by href(), src() and action().
class Name {
  public:
    consteval Name(const char* literal) : text_(literal) {  // NOLINT(google-explicit-constructor)
        for (const char c : text_) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && c != '-' && (c < '0' || c > '9')) {
                throw "not a name";
            }
        }
        for (const std::string_view other :
             {"href", "src", "srcset", "action", "formaction", "style", "srcdoc"}) {
            if (text_ == other) {
                throw "not written so";
            }
        }
        if (text_.empty() || text_.starts_with("on")) {
            throw "not a name, or code";
        }
    }
    constexpr std::string_view text() const { return text_; }

  private:
    friend class Attribute;
    struct Trusted {};
    constexpr Name(std::string_view text, Trusted /*key*/) : text_(text) {}

    std::string_view text_;
};

/// An address of this server: a path, and a query whose values are encoded.
class Link {
  public:
    explicit Link(Name key, std::string_view value) {
        with(key, value);
    }  ///< of the page itself: "/?key=value"
    static Link home() { return Link("/"); }
    static Link style() { return Link("/style.css"); }
    static Link script() { return Link("/page.js"); }
    static Link icon() { return Link("/icon.svg"); }
    static Link content() { return Link("#content"); }  ///< within the page
    static Link metrics() { return Link("/metrics"); }
    static Link report() { return Link("/api/v1/report"); }
    static Link history() { return Link("/api/v1/history"); }
    static Link check(std::string_view name) { return std::move(Link("/-/check").with("name", name)); }
    static Link evidence(std::string_view file);  ///< the path of the file; its last part counts

    Link& with(Name key, std::string_view value);
    const std::string& text() const { return text_; }

  private:
    explicit Link(const char* path) : text_(path) {}

    std::string text_ = "/";
    bool has_query_ = false;
};

/// Refers to its value, which lives as long as the call that it is made for.
class Attribute {
  public:
    Attribute(Name name, std::string_view value, bool present = true)
        : name_(name), value_(value), present_(present) {}

    static Attribute href(const Link& link) { return {Name("href", Name::Trusted{}), link.text()}; }
    static Attribute src(const Link& link) { return {Name("src", Name::Trusted{}), link.text()}; }
    static Attribute action(const Link& link) { return {Name("action", Name::Trusted{}), link.text()}; }

    std::string_view name() const { return name_.text(); }
    std::string_view value() const { return value_; }
    bool present() const { return present_; }

  private:
    Name name_;
    std::string_view value_;
    bool present_;
};

class Html {
  public:
    using Attributes = std::initializer_list<Attribute>;

    /// Open as long as this lives.
    class [[nodiscard]] Element {
      public:
        Element(Html& html, std::string_view name) : html_(html), name_(name) {}
        ~Element() { html_.close(name_); }
        Element(const Element&) = delete;
        Element& operator=(const Element&) = delete;

      private:
        Html& html_;
        std::string_view name_;
    };

    explicit Html(std::size_t expected_size = 0) { out_.reserve(expected_size); }

    Element in(Name name, Attributes attributes = {});
    /// The whole element, with nothing but text in it.
    void put(Name name, Attributes attributes, std::string_view text);
    void put(Name name, std::string_view text) { put(name, {}, text); }
    /// One without content: <input/>, <path/>.
    void lone(Name name, Attributes attributes = {});
    /// In one line: what is not printable is shown as an escape.
    void text(std::string_view text);
    /// Of several lines, for <pre>.
    void lines(std::string_view text);
    void doctype() { out_ += "<!doctype html>\n"; }
    std::string take() { return std::move(out_); }

  private:
    void open(Name name, Attributes attributes);
    void close(std::string_view name);
    void escape(std::string_view text);

    std::string out_;
};

}  // namespace whylink::daemon::page
