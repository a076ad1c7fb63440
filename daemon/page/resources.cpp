#include "daemon/page/resources.hpp"

#include <algorithm>

#include "daemon/page/html.hpp"

namespace whylink::daemon::page {
namespace {

std::string_view file(std::string_view name) {
    const auto found = std::ranges::find(embedded_files(), name, &config::EmbeddedToml::name);
    return found == embedded_files().end() ? std::string_view() : found->toml;
}

}  // namespace

std::string_view style_sheet() {
    return file("style");
}

std::string_view script() {
    return file("page");
}

std::string icon() {
    Html svg;
    {
        const auto image = svg.in("svg", {{"xmlns", "http://www.w3.org/2000/svg"}, {"viewBox", "0 0 16 16"}});
        // Two ends of a link, and what is between them.
        svg.lone("path", {{"fill", "#0b57b0"}, {"d", "M1 5h5v6H1zM10 5h5v6h-5z"}});
        svg.lone("path", {{"fill", "#d98a00"}, {"d", "M6 7h1.5v2H6zM8.5 7H10v2H8.5z"}});
    }
    return svg.take();
}

}  // namespace whylink::daemon::page
