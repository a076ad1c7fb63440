#include "prober_load.hpp"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace whylink::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Each connection asks once in so many turns; at 1,000 questions a second an answer may take 64 ms before the
// next question of its connection is late.
constexpr std::size_t connections = 64;

httplib::Client connect(const ProberLoad& load) {
    httplib::Client client(load.host, load.port);
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    return client;
}

bool succeeds(httplib::Client& client, const std::string& path) {
    const auto answer = client.Get(path);
    return answer && answer->status == 200 && answer->body.find("\nprobe_success 1\n") != std::string::npos;
}

/// Every `connections`-th question, from the `first` on.
ProberAnswers ask_some(const ProberLoad& load, std::size_t first, Clock::time_point begin) {
    ProberAnswers answers;
    auto client = connect(load);
    const auto total = static_cast<std::size_t>(load.rate * load.seconds);
    for (std::size_t i = first; i < total; i += connections) {
        const auto offset = std::chrono::duration<double>(static_cast<double>(i) / load.rate);
        const auto due = begin + std::chrono::duration_cast<Clock::duration>(offset);
        std::this_thread::sleep_until(due);
        const std::string& target = load.targets[i % load.targets.size()];
        ++answers.asked;
        answers.succeeded += succeeds(client, "/probe?module=" + load.module + "&target=" + target) ? 1U : 0U;
        answers.seconds.push_back(std::chrono::duration<double>(Clock::now() - due).count());
    }
    return answers;
}

}  // namespace

ProberAnswers ask(const ProberLoad& load) {
    std::vector<ProberAnswers> parts(connections);
    const auto begin = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < connections; ++i) {
            threads.emplace_back([&load, &part = parts[i], i, begin] { part = ask_some(load, i, begin); });
        }
    }
    ProberAnswers all;
    for (const ProberAnswers& part : parts) {
        all.asked += part.asked;
        all.succeeded += part.succeeded;
        all.seconds.insert(all.seconds.end(), part.seconds.begin(), part.seconds.end());
    }
    std::ranges::sort(all.seconds);
    return all;
}

}  // namespace whylink::bench
