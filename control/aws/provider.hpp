// The provider's side of AWS: services of ours, who connects to them, and what stands behind.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "control/aws/balancers.hpp"
#include "control/aws/listing.hpp"

namespace whylink::control {

class AwsProvider {
  public:
    /// Both outlive it.
    AwsProvider(const Reading& reading, const std::string& region);
    Readings read();

  private:
    using Names = std::set<std::string>;

    void read_services();
    void choose(const std::vector<EndpointService>& services, const Listing& listing);
    void take_connections(const std::vector<Connection>& connections);
    void read_balancers();
    void add_permissions(std::vector<Listing>& listings);
    void read_behind();
    void say_connections();
    void say_all();
    template <class T>
    void say(std::string_view read, const T& fact);

    const Reading& reading_;
    const std::string& region_;
    std::vector<const Subject*> subjects_;
    Names targets_;
    bool all_chosen_ = true;  ///< no service that a target may mean was left out
    Readings made_;
    AwsBalancers balancers_;
};

}  // namespace whylink::control
