// Calls of AWS' operations with their filters, lists and pages.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "control/http/call.hpp"

namespace whylink::control {

/// Values of one filter or list; AWS takes 200 of a filter.
inline constexpr std::size_t max_values = 200;

Call aws_call(Op op, const std::string& region);
/// One more filter of EC2; at most max_values of the values.
void add_filter(Call& call, std::string_view name, std::span<const std::string> values);
/// LoadBalancerArns.member.1 … of ELB.
void add_members(Call& call, std::string_view list, std::span<const std::string> values);
/// Asks for the page that begins with the token of the last one.
void set_page(Call& call, std::string_view token);

}  // namespace whylink::control
