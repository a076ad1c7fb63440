#include "daemon/commands/account_check.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "checks/explain/text.hpp"
#include "config/nearest.hpp"
#include "daemon/commands/chosen_accounts.hpp"
#include "daemon/report/human/canvas.hpp"
#include "daemon/report/human/marks.hpp"
#include "daemon/report/report.hpp"
#include "daemon/system/standard_streams.hpp"
#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

using config::Account;
using control::Access;
using control::CheckAnswer;

constexpr std::size_t indent = 4;

bool can_be_read(const Access& access) {
    // That there is no such resource is an answer.
    return access.result == control::Result::ok || access.result == control::Result::not_found;
}

// ---- report ----

std::string who_text(const CheckAnswer& answer) {
    std::string text = answer.identity;
    if (!answer.source.empty()) {
        text += text.empty() ? "" : ", ";
        text += "credentials: " + answer.source;
    }
    return text;
}

std::string fault_text(const Access& access) {
    if (access.result == control::Result::forbidden) {
        return "permission missing: " + (access.permission.empty() ? access.detail : access.permission);
    }
    std::string text(title(access.result));
    checks::append(text, access.detail, ": ");
    return text;
}

void write_access(Canvas& canvas, const Access& access) {
    const bool good = can_be_read(access);
    const Painted lead = spaces(indent) + painted(canvas, good ? Mark::good : Mark::bad);
    canvas.hang(lead, good ? access.operation : fmt::format("{}: {}", access.operation, fault_text(access)));
}

/// As the provider takes it: to be copied, so no line is broken.
void write_policy(Canvas& canvas, const std::string& policy) {
    canvas.line();
    canvas.line(spaces(indent) + canvas.paint("Grant what is missing:", Ink::bold));
    std::string_view rest = policy;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        canvas.line(spaces(indent) + canvas.paint(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

void write_answer(Canvas& canvas, const CheckAnswer& answer) {
    if (const std::string who = who_text(answer); !who.empty()) {
        canvas.hang(spaces(indent), who, Ink::dim);
    }
    for (const Access& access : answer.access) {
        write_access(canvas, access);
    }
    if (answer.access.empty()) {
        canvas.hang(spaces(indent), "nothing can be read");
    }
    if (!answer.policy.empty()) {
        write_policy(canvas, answer.policy);
    }
}

void write_account(Canvas& canvas, const CheckedAccount& checked) {
    canvas.line(painted(canvas, checked.is_readable() ? Mark::good : Mark::bad) +
                canvas.paint(checked.account.name, Ink::bold) +
                canvas.paint(fmt::format(" ({})", title(checked.account.provider))));
    if (const auto* missing = std::get_if<NoReader>(&checked.answer)) {
        canvas.hang(spaces(indent), missing->reason);
    } else {
        write_answer(canvas, std::get<CheckAnswer>(checked.answer));
    }
}

// ---- asking ----

asio::awaitable<void> ask(ControlClient& client, CheckedAccount& checked) {
    control::CheckRequest request;
    request.account = checked.account;
    auto answered = co_await client.ask(std::move(request));
    if (auto* missing = std::get_if<NoReader>(&answered)) {
        checked.answer = std::move(*missing);
    } else if (auto* answer = std::get_if<CheckAnswer>(&std::get<control::Answer>(answered))) {
        checked.answer = std::move(*answer);
    } else {
        checked.answer = NoReader{"the account reader gave an answer of another kind"};
    }
}

void ask_all(std::vector<CheckedAccount>& checked, ControlClient::Options options) {
    asio::io_context loop(1);
    ControlClient client(loop.get_executor(), std::move(options));
    std::vector<asio::awaitable<void>> asked;
    asked.reserve(checked.size());
    for (CheckedAccount& one : checked) {
        asked.push_back(ask(client, one));
    }
    std::exception_ptr failure;
    asio::co_spawn(loop, probes::gather(std::move(asked)), [&](std::exception_ptr thrown) {
        failure = std::move(thrown);
        loop.stop();
    });
    loop.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
}

/// The first name that is no account's; null: all are.
const std::string* unknown_name(const std::vector<std::string>& names, const std::vector<Account>& accounts) {
    const auto found = std::ranges::find_if(names, [&](const std::string& name) {
        return std::ranges::find(accounts, name, &Account::name) == accounts.end();
    });
    return found == names.end() ? nullptr : &*found;
}

int refuse_name(const std::string& name, const std::vector<Account>& accounts) {
    std::vector<std::string_view> known;
    known.reserve(accounts.size());
    for (const Account& account : accounts) {
        known.push_back(account.name);
    }
    complain(fmt::format("no [[account]] is named \"{}\"{}", name, config::name_hint(name, known)));
    return exit_usage;
}

}  // namespace

bool CheckedAccount::is_readable() const {
    const auto* known = std::get_if<CheckAnswer>(&answer);
    return known != nullptr && !known->access.empty() && std::ranges::all_of(known->access, can_be_read);
}

std::string account_report(const std::vector<CheckedAccount>& checked, const HumanStyle& style) {
    Canvas canvas(style);
    for (const CheckedAccount& one : checked) {
        if (canvas.height() > 0) {
            canvas.line();
        }
        write_account(canvas, one);
    }
    return canvas.take();
}

int check_accounts(const std::vector<Account>& accounts, const AccountCheckCommand& command,
                   const HumanStyle& style) {
    const std::vector<std::string>& names = command.names;
    if (const std::string* name = unknown_name(names, accounts)) {
        return refuse_name(*name, accounts);
    }
    if (accounts.empty()) {
        complain("no [[account]] is configured");
        return exit_unknown;
    }
    std::vector<CheckedAccount> checked;
    std::vector<Account> chosen;
    for (const Account& account : accounts) {
        if (names.empty() || std::ranges::find(names, account.name) != names.end()) {
            // In its place: of one that is moved in GCC 12 falsely warns.
            checked.emplace_back().account = account;
            checked.back().answer.emplace<NoReader>();
            chosen.push_back(account);
        }
    }
    ask_all(checked, client_for(chosen));
    const bool all = std::ranges::all_of(checked, &CheckedAccount::is_readable);
    return print(command.json ? account_json(checked) : account_report(checked, style),
                 all ? exit_healthy : exit_unhealthy);
}

}  // namespace whylink::daemon
