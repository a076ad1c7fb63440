// whylink-demo: lets whylink diagnose endpoints that are broken on purpose, in network namespaces of its own.
#include <charconv>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "live.hpp"
#include "once.hpp"
#include "scenery.hpp"
#include "support/sandbox.hpp"

namespace whylink::demo {
namespace {

constexpr const char* usage =
    "usage: whylink-demo [--listen ADDR:PORT] [--outage SECONDS]\n"
    "       whylink-demo --once\n"
    "       whylink-demo --list\n";

constexpr const char* explanation =
    "\n"
    "Endpoints and zones that are broken on purpose, in network namespaces of their own. Needs root. Leaves\n"
    "nothing behind.\n"
    "\n"
    "Without --once the daemon watches them until Ctrl-C, and its HTTP is at ADDR:PORT (127.0.0.1:9797). "
    "One\n"
    "link breaks, and is mended, every SECONDS (30).\n"
    "\n"
    "  --once  checks them once, and ends with status 0 when every diagnosis is as intended\n"
    "  --list  says what is to be found of each\n";

enum class Mode { live, once, list, help };

struct Arguments {
    Mode mode = Mode::live;
    std::string listen = "127.0.0.1:9797";
    std::chrono::seconds outage{30};
};

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
    unsigned count = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr unsigned most = 86'400;
    if (fault != std::errc() || end != text.data() + text.size() || count == 0 || count > most) {
        return std::nullopt;
    }
    return std::chrono::seconds(count);
}

std::optional<Arguments> parse_options(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        if (i + 1 == words.size()) {
            return std::nullopt;
        }
        const auto seconds = parse_seconds(words[i + 1]);
        if (words[i] == "--listen" && parse_place(words[i + 1])) {
            arguments.listen = words[i + 1];
        } else if (words[i] == "--outage" && seconds) {
            arguments.outage = *seconds;
        } else {
            return std::nullopt;
        }
    }
    return arguments;
}

std::optional<Arguments> parse(const std::vector<std::string>& words) {
    if (words.size() == 1) {
        for (const auto& [word, mode] :
             {std::pair{"--once", Mode::once}, {"--list", Mode::list}, {"--help", Mode::help}}) {
            if (words.front() == word) {
                return Arguments{.mode = mode};
            }
        }
    }
    return parse_options(words);
}

int in_sandbox(const std::function<int()>& work) {
    if (const auto refused = lab::enter_sandbox()) {
        std::cerr << "whylink-demo: " << *refused << "\n";
        return 1;
    }
    try {
        return work();
    } catch (const std::exception& error) {
        std::cerr << "whylink-demo: " << error.what() << "\n";
        return 1;
    }
}

int run_live(const Arguments& arguments) {
    LiveOptions options;
    options.outage = arguments.outage;
    try {
        // Outside: the descriptor goes with us, and its network namespace with it.
        options.listener = listen_at(*parse_place(arguments.listen));
    } catch (const std::system_error& error) {
        std::cerr << "whylink-demo: cannot listen on " << arguments.listen << ": " << error.code().message()
                  << "; --listen ADDR:PORT chooses another place\n";
        return 1;
    }
    return in_sandbox([&] { return watch(options); });
}

int list() {
    lab::TestCa ca("Demo CA");
    for (const Scene& scene : scenes(ca)) {
        std::cout << scene.name << " " << scene.cause << (scene.outage.empty() ? "" : " comes and goes")
                  << "\n";
    }
    return 0;
}

int run(const Arguments& arguments) {
    switch (arguments.mode) {
        case Mode::live:
            return run_live(arguments);
        case Mode::once:
            return in_sandbox(check_once);
        case Mode::list:
            return list();
        case Mode::help:
            std::cout << usage << explanation;
    }
    return 0;
}

}  // namespace
}  // namespace whylink::demo

int main(int argc, char** argv) {
    const auto arguments = whylink::demo::parse({argv + 1, argv + argc});
    if (!arguments) {
        std::cerr << whylink::demo::usage;
        return 2;
    }
    return whylink::demo::run(*arguments);
}
