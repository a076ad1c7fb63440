// The confounders of private links: servers and faults that look alike from outside, each with its true
// cause.
#pragma once

#include <string>
#include <vector>

#include "row.hpp"
#include "web_servers.hpp"

namespace whylink::confounders {

struct Confounder {
    std::string truth;    ///< the cause that is right, as its slug; "healthy" too
    netns_test::Row row;  ///< `why` says for people what the server does; `expected` is not used
    /// What is seen depends on who is first; held to the truth, and not on the page.
    bool is_race = false;
    /// Follow-up tests, by slug, that end now with RST and now with FIN, so that what they show is by chance.
    std::vector<std::string> by_chance = {};
};

/// What ends a connection before its first byte.
std::vector<Confounder> ends_early();
/// What answers, and otherwise than asked.
std::vector<Confounder> answers();
/// A PROXY header too few or too many.
std::vector<Confounder> proxy_headers();
/// Services in plain text that are given TLS.
std::vector<Confounder> plain_text_services();
/// What stays silent, at TCP or after it.
std::vector<Confounder> silences();
/// What becomes of packets on the way.
std::vector<Confounder> paths();
/// DNS.
std::vector<Confounder> names();
/// What takes the connection on this host.
std::vector<Confounder> interceptions();
/// The right server under another name.
std::vector<Confounder> server_names();

// ---- what their configs and servers are made of ----

inline const std::string host = "db.corp.test";
inline const std::string listed_host = "abc.eu-west-1.vpce.aws.clickhouse.cloud";
inline const std::string alias = "gw.provider.test";

/// An endpoint "t" with `expect`, so that DNS is in no doubt, and TLS that trusts the lab's CA.
std::string secure(const std::string& more = "", const std::string& tls = "");
/// The same without TLS.
std::string plain(const std::string& more);
/// Of a service that keeps an allow-list (its profile says so), by the profile's own port.
std::string listed(const std::string& more = "");

using netns_test::haproxy_tcp;
using netns_test::nginx;

/// One server at {a}, port 5432, which DNS gives.
Confounder served(const std::string& name, const std::string& why, const std::string& truth,
                  lab::StreamBehaviour behaviour, std::string config = secure());
Confounder served(const std::string& name, const std::string& why, const std::string& truth,
                  netns_test::Daemon daemon, std::string config = secure());

}  // namespace whylink::confounders
