// PostgreSQL and MariaDB, in the foreground, with all their files in {dir}.
#pragma once

#include <cstdint>
#include <string>

#include "row.hpp"

namespace whylink::netns_test {

inline constexpr std::uint16_t postgres_port = 5432;
inline constexpr std::uint16_t mysql_port = 3306;

/// `settings` are lines of postgresql.conf, `access` of pg_hba.conf. Certificate and key are server.crt and
/// server.key, on with `ssl = on`.
Daemon postgres(const std::string& access, const std::string& settings = {});
/// `options` of mariadbd on its command line; `statements` are run at the start, each in its line.
Daemon mariadb(const std::string& options, const std::string& statements = {});

}  // namespace whylink::netns_test
