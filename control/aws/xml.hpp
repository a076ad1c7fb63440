// XML of AWS by its element names; pugixml stays in xml.cpp and in the parsers. No DTD entity is expanded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

namespace whylink::control {

/// Elements deeper than this, or a document that is not well-formed, are not read.
inline constexpr int max_xml_depth = 32;
/// Items of one list.
inline constexpr std::size_t max_items = 10'000;

/// False: not well-formed, or another root than `root`.
bool parse_xml(pugi::xml_document& document, std::string_view body, std::string_view root);

/// Texts from outside, as config/outside_text.hpp makes them; empty or none where the element is missing.
std::string text_of(const pugi::xml_node& node, const char* child);
std::optional<bool> bool_of(const pugi::xml_node& node, const char* child);
std::optional<std::uint32_t> number_of(const pugi::xml_node& node, const char* child);
/// Texts of `list/item`, of EC2, or of `list/member`, of ELB; with `child`, of that of each.
std::vector<std::string> texts_of(const pugi::xml_node& node, const char* list, const char* child = nullptr);
/// The elements `list/item` or `list/member`.
std::vector<pugi::xml_node> items_of(const pugi::xml_node& node, const char* list);

}  // namespace whylink::control
