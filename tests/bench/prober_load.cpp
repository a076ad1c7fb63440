#include "prober_load.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <thread>

namespace whylink::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Each connection asks once in so many turns; at 1,000 questions a second an answer may take 64 ms before the
// next question of its connection is late.
constexpr std::size_t connections = 64;

namespace net = boost::asio;
namespace beast = boost::beast::http;
using boost::system::error_code;

/// One connection; after a failure another one takes its place.
class Client {
  public:
    explicit Client(const ProberLoad& load) : host_(load.host), port_(std::to_string(load.port)) {}

    bool succeeds(const std::string& path) {
        error_code error;
        const std::string body = get(path, error);
        if (error) {
            socket_.close();
        }
        return !error && body.find("\nprobe_success 1\n") != std::string::npos;
    }

  private:
    std::string get(const std::string& path, error_code& error) {
        connect(error);
        beast::request<beast::empty_body> request(beast::verb::get, path, 11);
        request.set(beast::field::host, host_ + ":" + port_);
        if (!error) {
            beast::write(socket_, request, error);
        }
        beast::response<beast::string_body> answer;
        boost::beast::flat_buffer buffer;
        if (!error) {
            beast::read(socket_, buffer, answer, error);
        }
        return answer.result() == beast::status::ok ? answer.body() : "";
    }
    void connect(error_code& error) {
        if (socket_.is_open()) {
            return;
        }
        net::ip::tcp::resolver resolver(io_);
        const auto found = resolver.resolve(host_, port_, error);
        if (!error) {
            net::connect(socket_, found, error);
        }
        error_code ignored;
        socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    }

    std::string host_;
    std::string port_;
    net::io_context io_{1};
    net::ip::tcp::socket socket_{io_};
};

/// Every `connections`-th question, from the `first` on.
ProberAnswers ask_some(const ProberLoad& load, std::size_t first, Clock::time_point begin) {
    ProberAnswers answers;
    Client client(load);
    const auto total = static_cast<std::size_t>(load.rate * load.seconds);
    for (std::size_t i = first; i < total; i += connections) {
        const auto offset = std::chrono::duration<double>(static_cast<double>(i) / load.rate);
        const auto due = begin + std::chrono::duration_cast<Clock::duration>(offset);
        std::this_thread::sleep_until(due);
        const std::string& target = load.targets[i % load.targets.size()];
        ++answers.asked;
        answers.succeeded += client.succeeds("/probe?module=" + load.module + "&target=" + target) ? 1U : 0U;
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
