// The networks, servers and names of all scenes, standing as long as the object.
#pragma once

#include <string>
#include <vector>

#include "scenery.hpp"
#include "support/process.hpp"
#include "support/server_loop.hpp"
#include "support/topology.hpp"

namespace whylink::demo {

class Stage {
  public:
    /// Inside the sandbox. Throws std::runtime_error or std::system_error when the kernel refuses.
    explicit Stage(const std::vector<Scene>& scenes);

    /// Runs whylink where the client stands; with `show`, it writes to where this program writes.
    lab::Completed whylink(std::vector<std::string> arguments, bool show) const;

    const lab::Netns& client() const { return topology_.client; }
    const lab::Netns& router() const { return topology_.router; }
    lab::ServerLoop& loop() { return loop_; }

  private:
    lab::Topology topology_;
    lab::ServerLoop loop_;
};

}  // namespace whylink::demo
