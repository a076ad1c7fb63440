// What the checks of its targets say of an SRV name, which has no address of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checks/judge.hpp"
#include "checks/surroundings/source.hpp"
#include "config/config.hpp"

namespace whylink::checks {

/// An endpoint that was checked at about the same time.
struct CheckedEndpoint {
    std::string host;  ///< canonical
    std::uint16_t port = 0;
    bool passed = false;
};

/// Of an endpoint that is given by its name; its host is empty for any other target.
CheckedEndpoint checked_endpoint(const config::Target& target, const Assessment& round);

/// The targets that a follow-up test of the round found; none where it is no SRV name.
std::vector<probes::SrvTarget> srv_targets_of(const Assessment& round);

/// The name works when each of its targets was checked and passed; then the round passes, if every resolver answers. `checked` must outlive it.
class SrvTargetsOf final : public Source {
  public:
    explicit SrvTargetsOf(std::span<const CheckedEndpoint> checked) : checked_(checked) {}

    FactSet facts(const Assessment& round) const override;

  private:
    std::span<const CheckedEndpoint> checked_;
};

}  // namespace whylink::checks
