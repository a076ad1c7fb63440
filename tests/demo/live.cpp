#include "live.hpp"

#include <algorithm>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include "stage.hpp"
#include "support/sandbox.hpp"

namespace whylink::demo {
namespace {

constexpr const char* breaking =
    "table inet outage {\nchain forward {\ntype filter hook forward priority 1;\n";
constexpr const char* mending = "delete table inet outage\n";

// One link that breaks and is mended, so that there are changes to see; but not so soon again that it would
// be called intermittent.
asio::awaitable<void> come_and_go(const lab::Netns& router, Scene scene, std::chrono::seconds period) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (bool works = false;; works = !works) {
        timer.expires_after(works ? period : 2 * period);
        co_await timer.async_wait(asio::use_awaitable);
        router.nft(works ? std::string(mending) : breaking + scene.outage + "\n}\n}\n");
        std::cout << "demo: the link of " << scene.name << (works ? " is mended" : " breaks") << std::endl;
    }
}

void tell_of_failure(const std::exception_ptr& thrown) {
    try {
        if (thrown) {
            std::rethrow_exception(thrown);
        }
    } catch (const std::exception& error) {
        std::cerr << "whylink-demo: the links stay as they are: " << error.what() << std::endl;
    }
}

void tell_what_to_do(std::size_t count, const std::string& address, std::chrono::seconds outage) {
    std::cout << count
              << " endpoints and zones, most of them broken on purpose, in network namespaces of their own.\n"
                 "whylink watches them, a round every 5 s; every now and then one link breaks for "
              << outage.count()
              << " s.\n\n"
                 "In another terminal:\n"
                 "  curl http://"
              << address << "/metrics\n  " WHYLINK_PROGRAM " status --url http://" << address
              << "\nor in a browser: http://" << address << "/\n\nCtrl-C ends it.\n"
              << std::endl;
}

}  // namespace

int watch(const LiveOptions& options) {
    lab::TestCa ca("Demo CA");
    const auto all = scenes(ca);
    Stage stage(all);
    // The same port inside, so that the address in the daemon's log is one that works outside too.
    const lab::Place daemon{&stage.client(), lab::address_of("127.0.0.1"), options.listener.place.port};
    const std::string config = lab::scratch_directory() / "whylink.toml";
    std::ofstream(config) << "[daemon]\nlisten = \"" << endpoint_text(daemon.address, daemon.port)
                          << "\"\n\n[capture]\nevidence_dir = \""
                          << (lab::scratch_directory() / "evidence").string() << "\"\n\n"
                          << config_text(all, ca.certificate_file());
    start_relay(stage.loop(), options.listener, daemon);
    const auto lively = std::ranges::find_if(all, [](const Scene& scene) { return !scene.outage.empty(); });
    asio::co_spawn(stage.loop().context(), come_and_go(stage.router(), *lively, options.outage),
                   tell_of_failure);
    tell_what_to_do(all.size(), endpoint_text(options.listener.place.address, daemon.port), options.outage);
    const auto ended = stage.whylink({"run", "--config", config}, true);
    std::cerr << "whylink-demo: whylink ended with status " << ended.status << "\n";
    return 1;
}

}  // namespace whylink::demo
