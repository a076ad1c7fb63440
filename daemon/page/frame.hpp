// What stands around every page: its head, what this host is, and the foot.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/page/html.hpp"
#include "daemon/page/input.hpp"

namespace whylink::daemon::page {

/// `content` writes what is in <main>.
std::string in_frame(const Input& input, std::string_view title, const std::function<void(Html&)>& content);

/// A section with its heading; the heading names it for who hears the page. `id` is of the heading.
class Section {
  public:
    Section(Html& html, std::string_view id, std::string_view heading, std::string_view look = "section");

  private:
    Html::Element section_;
};

}  // namespace whylink::daemon::page
