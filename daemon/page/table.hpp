// A small table within a page: it scrolls by itself where the screen is narrow.
#pragma once

#include <initializer_list>
#include <string_view>

#include "daemon/page/html.hpp"

namespace whylink::daemon::page {

class Table {
  public:
    /// Rows are written while it lives.
    Table(Html& html, std::string_view name, std::initializer_list<std::string_view> headings);

  private:
    Html::Element frame_;
    Html::Element table_;
};

}  // namespace whylink::daemon::page
