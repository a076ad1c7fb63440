// whylink-control: reads accounts for whylink. It is started by systemd with a listening socket (LISTEN_FDS), or by
// whylink with one end of a pair (--connection FD); it has no other way in.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include <unistd.h>

#include "control/credentials/environment.hpp"
#include "control/http/curl_transport.hpp"
#include "control/program/reader.hpp"
#include "control/program/server.hpp"

namespace {

constexpr int wrong_usage = 2;
constexpr int first_passed = 3;  // SD_LISTEN_FDS_START, sd_listen_fds(3)

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value)
                                                                                  : std::nullopt;
}

/// The socket that systemd passed to this process, and to no other one.
std::optional<int> passed_socket() {
    const char* process = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    if (process == nullptr || count == nullptr || number(process) != ::getpid() || number(count) != 1) {
        return std::nullopt;
    }
    return first_passed;
}

/// Whatever started it: network is all that it needs.
void drop_capabilities() {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);  // refused where it has none
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    ::syscall(SYS_capset, &header, none.data());
}

/// Its memory has keys: no core, and no other process of this user reads it.
void close_memory() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace whylink::control;
    const std::span arguments(argv, static_cast<std::size_t>(argc));
    if (argc == 2 && std::string_view(arguments[1]) == "--version") {
        std::puts("whylink-control " WHYLINK_VERSION);
        return 0;
    }
    // A peer that has gone is an error of a write, in libcurl and OpenSSL too.
    std::signal(SIGPIPE, SIG_IGN);
    close_memory();
    drop_capabilities();
    const bool is_child = argc == 3 && std::string_view(arguments[1]) == "--connection";
    const std::optional<int> descriptor = is_child    ? number(arguments[2])
                                          : argc == 1 ? passed_socket()
                                                      : std::nullopt;
    if (!descriptor) {
        std::fputs("whylink-control is started by systemd (whylink-control.socket) or by whylink\n", stderr);
        return wrong_usage;
    }
    const auto transport = make_curl_transport("whylink/" WHYLINK_VERSION);
    Reader reader(*transport, process_environment());
    return is_child ? serve_connection(*descriptor, reader, {}) : serve_listening(*descriptor, reader, {});
}
