#include "config/userinfo.hpp"

#include <algorithm>

namespace whylink::config {

std::string hide_userinfo(std::string_view url) {
    const std::size_t at = url.rfind('@');
    if (at == std::string_view::npos) {
        return std::string(url);
    }
    const std::size_t scheme = url.substr(0, at).find("://");
    if (scheme == std::string_view::npos && url.substr(0, at).find(':') == std::string_view::npos) {
        return std::string(url);
    }
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    return std::string(url.substr(0, begin)) + "***" + std::string(url.substr(at));
}

std::string hide_userinfo_in(std::string_view sentence) {
    constexpr std::string_view between = " \t\n\"'`";
    std::string result;
    while (!sentence.empty()) {
        const std::size_t end = std::min(sentence.find_first_of(between), sentence.size());
        result += hide_userinfo(sentence.substr(0, end));
        result += sentence.substr(end, 1);
        sentence.remove_prefix(std::min(end + 1, sentence.size()));
    }
    return result;
}

}  // namespace whylink::config
