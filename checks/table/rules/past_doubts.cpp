// What changed before the failure, and would explain it as well.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;

// An answer that `expect` has is right, however it changed.
constexpr Doubt other_explanations[]{
    {not_on_allowlist, {address_changed, address_unverified}, {}, wrong_dns_record},
    {backend_silent, {address_changed, address_unverified}, {}, wrong_dns_record},
    {certificate_problem, {address_changed, address_unverified, certificate_faulty}, {}, wrong_dns_record},
    // A rule may drop what comes after the handshake.
    {backend_silent, {host_firewall_changed, tls_silent}, {window_closed}, local_firewall},
};

}  // namespace

std::span<const Doubt> past_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
