// Words and numbers of the kernel's small files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace whylink::probes {

/// What stands between any of the separators; nothing empty.
std::vector<std::string_view> split(std::string_view text, std::string_view separators);

/// All of the text as an unsigned number to this base; nothing else may stand there.
std::optional<std::uint64_t> number_of(std::string_view text, int base = 10);

}  // namespace whylink::probes
