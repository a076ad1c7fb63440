#include "control/protocol/json.hpp"

#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "control/protocol/members.hpp"

namespace whylink::control {

namespace {

using Json = nlohmann::ordered_json;

template <class T>
concept Described = requires {
    members(static_cast<const T*>(nullptr));
};

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool>;

/// What is wrong; the places are put in front on the way out.
struct Wrong {
    std::string reason;
};

[[noreturn]] void fail(const std::string& reason) {
    throw Wrong{reason};
}

/// Runs `read` of a member or entry; what is wrong in it says so.
template <class Read>
void at(const std::string& place, const Read& read) {
    try {
        read();
    } catch (Wrong& wrong) {
        const bool is_inner = wrong.reason.starts_with('[') || wrong.reason.starts_with(": ");
        wrong.reason = place + (is_inner ? "" : ".") + wrong.reason;
        throw;
    }
}

// ---- out ----

template <class T>
Json encoded(const T& value);

template <class T>
Json encoded(const std::vector<T>& values) {
    Json made = Json::array();
    for (const T& value : values) {
        made.push_back(encoded(value));
    }
    return made;
}

template <class T>
Json encoded(const std::optional<T>& value) {
    return value ? encoded(*value) : Json();
}

template <Described T>
Json encoded_struct(const T& value) {
    Json made = Json::object();
    const T standard{};
    std::apply(
        [&](const auto&... member) {
            const auto add = [&](const char* name, auto pointer) {
                if (!(value.*pointer == standard.*pointer)) {
                    made[name] = encoded(value.*pointer);
                }
            };
            (add(member.first, member.second), ...);
        },
        members(static_cast<const T*>(nullptr)));
    return made;
}

template <class T>
Json encoded(const T& value) {
    if constexpr (Described<T>) {
        return encoded_struct(value);
    } else if constexpr (Vocabulary<T>) {
        return std::string(slug(value));
    } else if constexpr (std::same_as<T, Time>) {
        return value.time_since_epoch().count();
    } else if constexpr (std::same_as<T, std::chrono::milliseconds>) {
        return value.count();
    } else if constexpr (std::same_as<T, IpAddress> || std::same_as<T, Cidr>) {
        return value.to_string();
    } else {
        return value;
    }
}

// ---- in ----

template <class T>
void decode(const Json& json, T& value);

template <class T>
void decode(const Json& json, std::vector<T>& values) {
    if (!json.is_array()) {
        fail(": a list is expected");
    }
    values.clear();
    for (const Json& entry : json) {
        at("[" + std::to_string(values.size()) + "]", [&] { decode(entry, values.emplace_back()); });
    }
}

template <class T>
void decode(const Json& json, std::optional<T>& value) {
    decode(json, value.emplace());
}

std::string text_in(const Json& json) {
    if (!json.is_string()) {
        fail(": a text is expected");
    }
    return json.get<std::string>();
}

template <Number T>
T number_in(const Json& json) {
    if (json.is_number_unsigned()) {
        const auto number = json.get<std::uint64_t>();
        if (std::in_range<T>(number)) {
            return static_cast<T>(number);
        }
    } else if (json.is_number_integer()) {
        const auto number = json.get<std::int64_t>();
        if (std::in_range<T>(number)) {
            return static_cast<T>(number);
        }
    }
    fail(": a whole number within its range is expected");
}

template <class T>
T parsed_in(const Json& json) {
    const std::optional<T> value = T::parse(text_in(json));
    if (!value) {
        fail(": an address or network is expected");
    }
    return *value;
}

template <Described T>
void decode_struct(const Json& json, T& value) {
    if (!json.is_object()) {
        fail(": an object is expected");
    }
    value = T{};
    for (const auto& [name, entry] : json.items()) {
        bool known = false;
        std::apply(
            [&, &key = name, &inner = entry](const auto&... member) {
                const auto take = [&](const char* row, auto pointer) {
                    if (key == row) {
                        known = true;
                        at(key, [&] { decode(inner, value.*pointer); });
                    }
                };
                (take(member.first, member.second), ...);
            },
            members(static_cast<const T*>(nullptr)));
        if (!known) {
            at(name, [] { fail(": is not known"); });
        }
    }
}

template <class T>
void decode(const Json& json, T& value) {
    if constexpr (Described<T>) {
        decode_struct(json, value);
    } else if constexpr (Vocabulary<T>) {
        const std::optional<T> found = from_slug<T>(text_in(json));
        if (!found) {
            fail(": is not one of its words");
        }
        value = *found;
    } else if constexpr (std::same_as<T, Time>) {
        value = Time(std::chrono::milliseconds(number_in<std::int64_t>(json)));
    } else if constexpr (std::same_as<T, std::chrono::milliseconds>) {
        value = std::chrono::milliseconds(number_in<std::int64_t>(json));
    } else if constexpr (std::same_as<T, IpAddress> || std::same_as<T, Cidr>) {
        value = parsed_in<T>(json);
    } else if constexpr (std::same_as<T, bool>) {
        if (!json.is_boolean()) {
            fail(": true or false is expected");
        }
        value = json.get<bool>();
    } else if constexpr (Number<T>) {
        value = number_in<T>(json);
    } else {
        value = text_in(json);
    }
}

// ---- messages ----

constexpr std::string_view kind_of(const ReadRequest* /*of*/) {
    return "read";
}
constexpr std::string_view kind_of(const CheckRequest* /*of*/) {
    return "check";
}
constexpr std::string_view kind_of(const WhereRequest* /*of*/) {
    return "where";
}
constexpr std::string_view kind_of(const ReadAnswer* /*of*/) {
    return "readings";
}
constexpr std::string_view kind_of(const CheckAnswer* /*of*/) {
    return "access";
}
constexpr std::string_view kind_of(const Refusal* /*of*/) {
    return "refusal";
}

template <class Message>
std::string line_of(const Message& message) {
    return std::visit(
        [](const auto& what) {
            Json line = Json::object();
            line["kind"] = std::string(kind_of(&what));
            line["message"] = encoded(what);
            return line.dump(-1, ' ', false, Json::error_handler_t::ignore);
        },
        message);
}

template <class Message, std::size_t I = 0>
Message message_of(std::string_view kind, const Json& json) {
    if constexpr (I == std::variant_size_v<Message>) {
        fail("kind: is not known");
    } else {
        using What = std::variant_alternative_t<I, Message>;
        if (kind != kind_of(static_cast<const What*>(nullptr))) {
            return message_of<Message, I + 1>(kind, json);
        }
        What what;
        at("message", [&] { decode(json, what); });
        return what;
    }
}

template <class Message>
std::variant<Message, Malformed> parsed(std::string_view line, std::size_t most) {
    if (line.size() > most) {
        return Malformed{"longer than a line may be"};
    }
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.size() != 2 || !json.contains("kind") || !json.contains("message")) {
        return Malformed{"no object of kind and message"};
    }
    try {
        return message_of<Message>(text_in(json["kind"]), json["message"]);
    } catch (const Wrong& wrong) {
        return Malformed{wrong.reason};
    }
}

}  // namespace

std::string to_line(const Request& request) {
    return line_of(request);
}

std::string to_line(const Answer& answer) {
    return line_of(answer);
}

std::variant<Request, Malformed> parse_request(std::string_view line) {
    return parsed<Request>(line, max_request_line);
}

std::variant<Answer, Malformed> parse_answer(std::string_view line) {
    return parsed<Answer>(line, max_answer_line);
}

}  // namespace whylink::control
