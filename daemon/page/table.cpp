#include "daemon/page/table.hpp"

namespace whylink::daemon::page {

Table::Table(Html& html, std::string_view name, std::initializer_list<std::string_view> headings)
    : frame_(
          html.in("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", name}})),
      table_(html.in("table", {{"class", "grid"}})) {
    html.put("caption", {{"class", "unseen"}}, name);
    const auto head = html.in("thead");
    const auto row = html.in("tr");
    for (const std::string_view heading : headings) {
        html.put("th", {{"scope", "col"}}, heading);
    }
}

}  // namespace whylink::daemon::page
