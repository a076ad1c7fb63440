// The answers of the status page and of the history's API: each is made of a snapshot, a query and what the history's file
// has. Nothing here waits for anything but the disk.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/history/past.hpp"
#include "daemon/history/recent_days.hpp"
#include "daemon/http/message.hpp"
#include "daemon/page/state.hpp"

namespace whylink::daemon::page {

/// Decoded pairs of an address, in order.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Of one thread, which may wait for the disk: that of the worker that renders pages.
class StatusPage {
  public:
    /// `history`: its file; empty where it is switched off.
    StatusPage(std::string version, std::filesystem::path history);

    /// `GET /`: all targets, or the page of the one that the query names. `may_check`: who asks may have a target checked
    /// now, so that there is a button for it. The text differs by all of the arguments.
    http::Response page(const Snapshot& snapshot, const Pairs& query, bool may_check, Time now);

    /// `GET /api/v1/history`
    http::Response history(const Pairs& query, Time now) const;

  private:
    const Days* read_days(Time now);
    std::optional<TargetPast> past_of(const std::string& name, Time now) const;

    std::string version_;
    std::filesystem::path history_;
    std::optional<RecentDays> days_;  ///< none: switched off
};

/// `GET /style.css`, `/page.js` and `/icon.svg`; nothing for another path.
std::optional<http::Response> resource(std::string_view path);

/// `POST /-/check?name=`, once the target is checked: leads to its page.
http::Response checking(const std::string& name);

/// Of every answer that a browser shows: the page's own style sheet and script, and nothing else.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

}  // namespace whylink::daemon::page
