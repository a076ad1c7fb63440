// What works, and sends its clients to where they fail.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

constexpr std::string_view hop_title = "clients fail at next hop";

// The endpoint itself is healthy, and its clients are not: that is not to be called healthy, nor any fault of the path
// to the endpoint.
constexpr Row rows[]{
    {one_address_failing,
     {all_pass, next_hop_fails, next_hop_special},
     {answers_differ, comes_and_goes},
     high,
     "{host} port {port} answers but sends clients to an address that only its own host can use: "
     "{detail}.",
     false,
     "next_hop_special",
     hop_title},
    {one_address_failing,
     {all_pass, next_hop_fails, next_hop_unresolved},
     {answers_differ, comes_and_goes, next_hop_special},
     high,
     "{host} port {port} answers but sends clients to a name that does not resolve: {detail}.",
     false,
     "next_hop_unresolved",
     hop_title},
    {one_address_failing,
     {all_pass, next_hop_fails, next_hop_timed_out},
     {answers_differ, comes_and_goes},
     medium,
     "{host} port {port} answers but sends clients to a next hop that sends no SYN-ACK: {detail}.",
     false,
     "next_hop_fails",
     hop_title},
    {one_address_failing,
     {all_pass, next_hop_fails},
     {answers_differ, comes_and_goes, next_hop_special, next_hop_unresolved, next_hop_timed_out},
     high,
     "{host} port {port} answers but sends clients to a next hop where they cannot connect: {detail}.",
     false,
     "next_hop_fails",
     hop_title},
};

constexpr Doubt other_explanations[]{
    // Of several one may be down by itself; where none answers, the way to all of them may be closed.
    {one_address_failing,
     {next_hop_fails, next_hop_answers},
     {next_hop_special, next_hop_unresolved},
     service_failing},
    {one_address_failing, {next_hop_timed_out}, {next_hop_answers}, syn_unanswered},
};

}  // namespace

std::span<const Row> next_hop_rules() {
    return rows;
}

std::span<const Doubt> next_hop_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
