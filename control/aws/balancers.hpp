// Load balancers with what stands behind them: listeners, target groups, the health of their targets, and attributes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "control/aws/listing.hpp"

namespace whylink::control {

/// Reads in two rounds of calls, which a reader makes with others of its own. The facts go into those of `made`.
class AwsBalancers {
  public:
    /// All outlive it.
    AwsBalancers(const Reading& reading, const std::string& region, const std::set<std::string>& targets,
                 Readings& made);

    /// The balancers themselves, their listeners and target groups.
    void add(std::vector<Listing>& listings, const std::set<std::string>& arns);
    /// Those of balancers that were read already.
    void add_listeners(std::vector<Listing>& listings, const std::set<std::string>& arns);
    /// Once these were read: attributes, and health of targets.
    void add_behind(std::vector<Listing>& listings);
    void say();
    /// What is beyond a limit is not known.
    void say_left_out(const Listing& listing, std::size_t read, std::size_t all);

  private:
    /// A call whose words `take` sets on a fact.
    template <class Take>
    Listing attributes(std::string read, Op op, const char* parameter, const std::string& id,
                       Take take) const;
    void add_attributes(std::vector<Listing>& listings);
    void add_target_groups(std::vector<Listing>& listings);
    void limit_target_groups();

    const Reading& reading_;
    const std::string& region_;
    const std::set<std::string>& targets_;
    Readings& made_;
};

}  // namespace whylink::control
