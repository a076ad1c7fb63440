#include "daemon/commands/name_chain.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <variant>

namespace whylink::daemon {
namespace {

asio::awaitable<void> ask_for(const config::Endpoint& endpoint, const SystemFiles& files,
                              std::vector<probes::Observation>& answers) {
    std::vector<Question> questions;
    questions.push_back({endpoint.host, probes::NameRole::host});
    answers = co_await ask(std::move(questions), endpoint, endpoint.family, files);
}

}  // namespace

std::vector<std::string> cname_chain(const config::Endpoint& endpoint, const SystemFiles& files) {
    asio::io_context loop(1);
    std::vector<probes::Observation> answers;
    asio::co_spawn(loop, ask_for(endpoint, files, answers), asio::detached);
    loop.run();
    std::vector<std::string> chain;
    for (const probes::Observation& answer : answers) {
        const auto* dns = get_if<probes::DnsFacts>(&answer.facts);
        if (dns == nullptr) {
            continue;
        }
        for (const probes::DnsQuery& query : dns->queries) {
            for (const std::string& name : query.cnames) {
                if (std::ranges::find(chain, name) == chain.end()) {
                    chain.push_back(name);
                }
            }
        }
    }
    return chain;
}

}  // namespace whylink::daemon
