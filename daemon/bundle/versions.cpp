#include "daemon/bundle/versions.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <sys/utsname.h>
#include <zlib.h>

#include <string_view>

#include "config/outside_text.hpp"
#include "probes/host/proc_file.hpp"

namespace whylink::daemon {
namespace {

/// PRETTY_NAME of os-release(5), without its quotes.
std::string system_name() {
    constexpr std::string_view key = "PRETTY_NAME=";
    const std::string text = "\n" + probes::read_proc_file("/etc/os-release");
    const std::size_t line = text.find(fmt::format("\n{}", key));
    if (line == std::string::npos) {
        return "not known";
    }
    const std::size_t begin = line + 1 + key.size();
    std::string value = text.substr(begin, text.find('\n', begin) - begin);
    std::erase(value, '"');
    return outside_text(value);
}

}  // namespace

std::string own_version() {
    return WHYLINK_VERSION;
}

std::string versions_text() {
    utsname system{};
    const bool known = uname(&system) == 0;
    return fmt::format(
        "whylink {}\nkernel {} {}\nsystem {}\nlibrary {}\nlibrary SQLite {}\nlibrary zlib {}\n",
        own_version(), known ? system.sysname : "not", known ? system.release : "known", system_name(),
        OpenSSL_version(OPENSSL_VERSION), sqlite3_libversion(), zlibVersion());
}

}  // namespace whylink::daemon
