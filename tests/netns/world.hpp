// The one lab that all rows share: namespaces, rules, servers, certificates.
#pragma once

#include <memory>
#include <vector>

#include "expand.hpp"
#include "row.hpp"
#include "support/process.hpp"
#include "support/server_loop.hpp"
#include "support/topology.hpp"
#include "visitors.hpp"

namespace whylink::netns_test {

class World {
  public:
    /// Builds what the rows ask for; they must be expanded. Throws std::runtime_error when something cannot
    /// be built.
    explicit World(const std::vector<Row>& rows);

    /// Runs the row's `whylink check --format json` on the client, with its visitors. Thread-safe.
    lab::Completed check(const Row& row) const;

  private:
    void set_rules(const std::vector<Row>& rows);
    void start_servers(const Row& row);
    void start_daemon(const Daemon& daemon, const lab::Netns& side);

    lab::Topology topology_;
    lab::ServerLoop loop_;
    std::vector<std::unique_ptr<lab::Background>> daemons_;
    FullListeners full_listeners_;
};

}  // namespace whylink::netns_test
