// XML of AWS by its element names; pugixml stays in xml.cpp and in the parsers. No DTD entity is expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

#include "checks/control/read.hpp"

namespace whylink::control {

/// Elements deeper than this, or a document that is not well-formed, are not read.
inline constexpr int max_xml_depth = 32;
/// Items of one page. AWS gives 1,000 at most.
inline constexpr std::size_t max_items = 10'000;
/// Tags and attributes of one document. Each takes 64 bytes of memory, and 4 bytes of text make one.
inline constexpr std::size_t max_xml_marks = 1'000'000;
/// Bytes of the token of a next page. It is sent back as it came, so that none is cut.
inline constexpr std::size_t max_token = 8'192;

/// False: not well-formed, with a DTD, or another root than `root`.
bool parse_xml(pugi::xml_document& document, std::string_view body, std::string_view root);
/// The same with any root.
bool parse_xml(pugi::xml_document& document, std::string_view body);

/// Texts from outside, as config/outside_text.hpp makes them; empty or none where the element is missing.
std::string text_of(const pugi::xml_node& node, const char* child);
std::optional<bool> bool_of(const pugi::xml_node& node, const char* child);
std::optional<std::uint32_t> number_of(const pugi::xml_node& node, const char* child);
/// "2026-11-30T10:00:00.000Z"
std::optional<Time> time_of(const pugi::xml_node& node, const char* child);
/// A name of DNS in lower case, without the trailing dot.
std::string name_of(const pugi::xml_node& node, const char* child);
/// The token of a next page, unchanged; empty: the last page. None: it is too long to be sent back.
std::optional<std::string> token_of(const pugi::xml_node& node, const char* child);

/// The elements `list/item`, of EC2, or `list/member`, of ELB; with `item`, those with that name.
std::vector<pugi::xml_node> items_of(const pugi::xml_node& node, const char* list,
                                     const char* item = nullptr);
/// Texts of these elements; with `child`, of that of each. Empty ones are left out.
std::vector<std::string> texts_of(const pugi::xml_node& node, const char* list, const char* child = nullptr);

}  // namespace whylink::control
