// Which paths a route answers.
#pragma once

#include <optional>
#include <string_view>

namespace whylink::daemon::http {

/// What `path` has in place of the "*" at the end of `pattern`: "orders" of "/target/orders" and "/target/*". Empty for a
/// pattern without it, which is the path. Nothing when the route does not answer `path`.
inline std::optional<std::string_view> parameter_of(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with('*')) {
        return pattern == path ? std::optional(std::string_view()) : std::nullopt;
    }
    pattern.remove_suffix(1);
    if (!path.starts_with(pattern) || path.size() == pattern.size()) {
        return std::nullopt;
    }
    return path.substr(pattern.size());
}

}  // namespace whylink::daemon::http
