// Values of Redis's protocol, RESP 2 (Redis documentation, "Redis serialization protocol specification").
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace whylink::probes::resp {

struct Value {
    enum class Kind { text, error, number, null, list };
    Kind kind = Kind::null;
    std::string text;          ///< of `text` and `error`
    std::int64_t number = 0;   ///< of `number`
    std::vector<Value> items;  ///< of `list`
};

enum class Framing { incomplete, value, impossible };

/// The first value of `bytes`; `size` is how much of them it takes. No deeper than five lists, as CLUSTER SLOTS of
/// Redis 7 is, and no text, and no list in all, of more than 64 KiB of `bytes`; beyond that it is impossible.
Framing read_value(std::string_view bytes, Value& value, std::size_t& size);

/// A command, as an array of bulk strings.
std::string command(std::initializer_list<std::string_view> words);

}  // namespace whylink::probes::resp
