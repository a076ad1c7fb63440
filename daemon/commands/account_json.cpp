// `whylink account check --format json`.
#include <variant>

#include <nlohmann/json.hpp>

#include "config/outside_text.hpp"
#include "daemon/commands/account_check.hpp"

namespace whylink::daemon {
namespace {

using Json = nlohmann::ordered_json;

/// What is empty is left out.
void add(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) {
        object[name] = valid_utf8(text);
    }
}

Json access_json(const control::Access& access) {
    Json made = Json::object();
    add(made, "operation", access.operation);
    add(made, "permission", access.permission);
    made["result"] = std::string(slug(access.result));
    add(made, "detail", access.detail);
    return made;
}

Json account_json(const CheckedAccount& checked) {
    Json made = Json::object();
    add(made, "account", checked.account.name);
    made["provider"] = std::string(slug(checked.account.provider));
    made["readable"] = checked.is_readable();
    if (const auto* missing = std::get_if<NoReader>(&checked.answer)) {
        add(made, "detail", missing->reason);
        return made;
    }
    const auto& answer = std::get<control::CheckAnswer>(checked.answer);
    add(made, "identity", answer.identity);
    add(made, "credentials", answer.source);
    made["access"] = Json::array();
    for (const control::Access& access : answer.access) {
        made["access"].push_back(access_json(access));
    }
    add(made, "policy", answer.policy);
    return made;
}

}  // namespace

std::string account_json(const std::vector<CheckedAccount>& checked) {
    Json accounts = Json::array();
    for (const CheckedAccount& one : checked) {
        accounts.push_back(account_json(one));
    }
    const Json document = {{"schema", "whylink-accounts/1"}, {"accounts", std::move(accounts)}};
    return document.dump(2) + "\n";
}

}  // namespace whylink::daemon
