// Calls of AWS' operations with their filters, lists and pages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/http/call.hpp"

namespace whylink::control {

/// Values of one filter that AWS takes in one call.
inline constexpr std::size_t max_values = 200;

Call aws_call(Op op, const std::string& region);
/// One more filter of EC2, with any number of values: read_all() asks for these in as many calls as it takes.
void add_filter(Call& call, std::string_view name, std::span<const std::string> values);
/// The same call with at most max_values of a filter's values in each.
std::vector<Call> split_values(const Call& call);
/// LoadBalancerArns.member.1 … of ELB.
void add_members(Call& call, std::string_view list, std::span<const std::string> values);
/// Asks for the page that begins with the token of the last one.
void set_page(Call& call, std::string_view token);

}  // namespace whylink::control
