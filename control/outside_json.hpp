// JSON that others wrote, read by member: what is missing or of another type is empty, and nothing throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/address.hpp"

namespace whylink::control {

/// Values nested deeper than this are not read.
inline constexpr int max_json_depth = 32;
/// Elements of one list.
inline constexpr std::size_t max_json_items = 10'000;

/// Nothing: not JSON, nested too deep, or not UTF-8.
std::optional<nlohmann::json> parse_json(std::string_view body);

// `path` has the names of members with dots between them: "properties.subnet.id".

/// Null where it is missing.
const nlohmann::json& json_at(const nlohmann::json& value, std::string_view path);
/// As config/outside_text.hpp makes it.
std::string json_text(const nlohmann::json& value, std::string_view path);
/// Unchanged, of any length: for what is sent on, and not shown.
std::string json_whole_text(const nlohmann::json& value, std::string_view path);
std::optional<bool> json_flag(const nlohmann::json& value, std::string_view path);
/// Of a number or of its text.
std::optional<std::uint32_t> json_number(const nlohmann::json& value, std::string_view path);
/// None where it is no list of objects and texts, or a longer one than max_json_items.
const std::vector<nlohmann::json>* json_list(const nlohmann::json& value, std::string_view path);
/// The texts of a list.
std::vector<std::string> json_texts(const nlohmann::json& value, std::string_view path);
/// The text of a member of each object of a list.
std::vector<std::string> json_texts(const nlohmann::json& value, std::string_view list,
                                    std::string_view member);
/// The addresses of a list; others are left out.
std::vector<IpAddress> json_addresses(const nlohmann::json& value, std::string_view path);
/// The blocks of a list; others are left out.
std::vector<Cidr> json_networks(const nlohmann::json& value, std::string_view path);

}  // namespace whylink::control
