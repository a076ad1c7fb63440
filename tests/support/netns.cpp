#include "support/netns.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/process.hpp"

namespace whylink::lab {
namespace {

// A thread, because setns and unshare of a network namespace change the calling thread alone.
void in_thread(const std::function<void()>& work) {
    std::exception_ptr thrown;
    std::thread thread([&] {
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    });
    thread.join();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void run_tool(int netns, std::vector<std::string> argv, std::string_view input) {
    Command command;
    command.argv = std::move(argv);
    command.netns = netns;
    command.input = std::string(input);
    const Completed done = run(command);
    if (done.status != 0) {
        throw std::runtime_error(command.argv.front() + " failed: " + done.err + "\ninput was:\n" +
                                 command.input);
    }
}

}  // namespace

Netns::Netns() {
    in_thread([this] {
        if (unshare(CLONE_NEWNET) != 0) {
            fail("unshare(CLONE_NEWNET)");
        }
        fd_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        if (fd_ < 0) {
            fail("open /proc/thread-self/ns/net");
        }
    });
    ip("link set lo up");
    // Addresses are usable at once, without the second that duplicate address detection takes.
    sysctl("ipv6/conf/default/accept_dad", "0");
}

Netns::~Netns() {
    close(fd_);
}

void Netns::enter(const std::function<void()>& work) const {
    in_thread([&] {
        if (setns(fd_, CLONE_NEWNET) != 0) {
            fail("setns");
        }
        work();
    });
}

void Netns::ip(std::string_view lines) const {
    run_tool(fd_, {"ip", "-batch", "-"}, lines);
}

void Netns::nft(std::string_view ruleset) const {
    run_tool(fd_, {"nft", "-f", "-"}, ruleset);
}

void Netns::sysctl(std::string_view key, std::string_view value) const {
    enter([&] {
        const std::string path = "/proc/sys/net/" + std::string(key);
        std::ofstream file(path);
        file << value << std::flush;
        if (!file) {
            fail(path);
        }
    });
}

void connect(const Netns& left, const std::string& left_device, const Netns& right,
             const std::string& right_device) {
    const std::string peer = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(right.fd());
    left.ip("link add name " + left_device + " type veth peer name " + right_device + " netns " + peer +
            "\nlink set " + left_device + " up");
    right.ip("link set " + right_device + " up");
}

}  // namespace whylink::lab
