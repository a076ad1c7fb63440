#include <algorithm>
#include <charconv>
#include <cstdint>

#include "config/outside_text.hpp"
#include "control/credentials/parse.hpp"
#include "control/outside_json.hpp"

namespace whylink::control {

namespace {

using namespace std::chrono_literals;
using SystemTime = std::chrono::system_clock::time_point;

/// A lifetime that nobody gives is not believed, and does not overflow a time.
constexpr std::int64_t longest_life = std::int64_t{7} * 86'400;
/// az before 2.54 says a local time only; such a token is taken for the shortest that it gives.
constexpr auto shortest_life = 6min;
/// Where the agent of Azure Arc leaves what its challenge asks for.
constexpr std::string_view arc_folder = "/var/opt/azcmagent/tokens/";

/// A number, or one written as a text, as the metadata service does.
std::optional<std::int64_t> number_in(const nlohmann::json& json, const char* name) {
    const nlohmann::json& member = json_at(json, name);
    if (member.is_number_integer()) {
        return member.get<std::int64_t>();
    }
    const std::string text = json_whole_text(json, name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && !text.empty() && end == text.data() + text.size() ? std::optional(value)
                                                                                     : std::nullopt;
}

SystemTime after(SystemTime now, std::int64_t seconds) {
    return now + std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, longest_life));
}

/// At a time in seconds since 1970.
SystemTime at(SystemTime now, std::int64_t epoch) {
    const std::int64_t begun = std::chrono::system_clock::to_time_t(now);
    return after(now, std::clamp(epoch, begun, begun + longest_life) - begun);
}

}  // namespace

std::optional<AzureToken> parse_azure_token(std::string_view body, SystemTime now) {
    const auto json = parse_json(body);
    AzureToken token;
    token.bearer = Secret(json ? json_whole_text(*json, "access_token") : std::string());
    if (!is_credential(token.bearer.reveal())) {
        return std::nullopt;
    }
    token.expires_at = now;
    if (const auto seconds = number_in(*json, "expires_in")) {
        token.expires_at = after(now, *seconds);
    } else if (const auto epoch = number_in(*json, "expires_on")) {
        token.expires_at = at(now, *epoch);
    }
    return token;
}

std::optional<AzToken> parse_az_token(std::string_view output, SystemTime now) {
    const auto json = parse_json(output);
    AzToken made;
    made.token.bearer = Secret(json ? json_whole_text(*json, "accessToken") : std::string());
    if (!is_credential(made.token.bearer.reveal())) {
        return std::nullopt;
    }
    const auto epoch = number_in(*json, "expires_on");
    made.token.expires_at = epoch ? at(now, *epoch) : now + shortest_life;
    made.subscription = json_text(*json, "subscription");
    return made;
}

std::string parse_azure_error(std::string_view body) {
    const auto json = parse_json(body);
    const std::string code = json ? json_whole_text(*json, "error") : std::string();
    if (code.empty()) {
        return {};
    }
    std::string description = json_whole_text(*json, "error_description");
    description.resize(std::min(description.find_first_of("\r\n"), description.size()));
    return outside_text(code + ": " + description);
}

std::optional<std::string> arc_key_file(std::string_view challenge) {
    constexpr std::string_view realm = "realm=";
    const std::size_t begin = challenge.find(realm);
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view path = challenge.substr(begin + realm.size());
    const bool is_agents = path.starts_with(arc_folder) && path.ends_with(".key") &&
                           path.find('/', arc_folder.size()) == std::string_view::npos;
    return is_agents ? std::optional(std::string(path)) : std::nullopt;
}

}  // namespace whylink::control
