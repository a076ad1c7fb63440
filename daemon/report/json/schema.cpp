#include "daemon/report/json/schema.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "checks/control/read.hpp"
#include "checks/table/cause.hpp"
#include "checks/table/outcome.hpp"
#include "config/cloud.hpp"
#include "daemon/history/change.hpp"
#include "daemon/report/json/fields.hpp"

namespace whylink::daemon {
namespace {

using json::Json;
using probes::Shown;
using probes::Unit;

// ---- types ----

Json reference(std::string_view definition) {
    return {{"$ref", fmt::format("#/$defs/{}", definition)}};
}

/// Of an enum whose first value stands for nothing `beyond` is 1: a report leaves the member out then.
template <Vocabulary E>
Json words(std::size_t beyond = 0) {
    Json slugs = Json::array();
    for (std::size_t i = beyond; i < count_of<E>; ++i) {
        slugs.push_back(slugs_of<E>[i]);
    }
    return {{"enum", std::move(slugs)}};
}

template <class T>
Json number_schema(Unit unit) {
    switch (unit) {
        case Unit::at_least_one:
            return {{"type", "integer"}, {"minimum", 1}};
        case Unit::octet:
            return {{"type", "integer"}, {"minimum", 0}, {"maximum", 255}};
        case Unit::proxy_version:
            return {{"enum", {1, 2}}};
        case Unit::hop_limit:
            return reference("ttl");
        case Unit::port:
            return reference("port");
        case Unit::error:
            return reference("errno");
        case Unit::count:
            return reference("count");
        case Unit::none:
        case Unit::bytes:
        case Unit::text_of_peer:
            break;
    }
    return std::is_signed_v<T> ? Json{{"type", "integer"}} : reference("count");
}

template <probes::Described S>
Json object_schema();

template <class T>
Json value_schema(Unit unit, Shown shown) {
    if constexpr (std::is_same_v<T, bool>) {
        return shown == Shown::always ? Json{{"type", "boolean"}} : Json{{"const", true}};
    } else if constexpr (std::is_integral_v<T>) {
        return number_schema<T>(unit);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return unit == Unit::bytes ? reference("first_bytes") : Json{{"type", "string"}};
    } else if constexpr (std::is_same_v<T, probes::StreamEnd>) {
        return reference("end");
    } else if constexpr (Vocabulary<T>) {
        return words<T>(shown == Shown::always ? 0 : 1);
    } else if constexpr (std::is_same_v<T, IpAddress>) {
        return reference("address");
    } else if constexpr (std::is_same_v<T, Cidr>) {
        return {{"type", "string"}};
    } else if constexpr (std::is_same_v<T, probes::WallClock::time_point>) {
        return reference("time");
    } else if constexpr (probes::is_duration<T>) {
        return reference("seconds");
    } else if constexpr (probes::is_optional<T>) {
        return value_schema<typename T::value_type>(unit, shown);
    } else if constexpr (std::is_same_v<T, std::vector<probes::TlsAlert>>) {
        return reference("alerts");
    } else if constexpr (probes::is_vector<T>) {
        return {{"type", "array"}, {"items", value_schema<typename T::value_type>(unit, Shown::always)}};
    } else if constexpr (std::is_same_v<T, probes::IcmpError>) {
        return reference("icmp");
    } else {
        return object_schema<T>();
    }
}

// ---- members ----

struct Members {
    Json properties = Json::object();
    Json required = Json::array();
};

template <probes::Described S>
void describe(Members& members, std::string_view prefix = {}, bool may_be_absent = false);

template <class S, class M, class W>
void describe_field(Members& members, const probes::Field<M, W>& field, std::string_view prefix,
                    bool may_be_absent) {
    if (field.shown == Shown::never) {
        return;
    }
    using T = std::remove_cvref_t<std::invoke_result_t<const M&, const S&>>;
    const std::string key = json::key_of<T>(field.name, field.shown_as, prefix);
    Json schema = value_schema<T>(field.unit, field.shown);
    if (!field.about.empty()) {
        schema["description"] = field.about;
    }
    members.properties[key] = std::move(schema);
    if (field.shown == Shown::always && !field.is_conditional && !may_be_absent) {
        members.required.push_back(key);
    }
}

template <class S, class M>
void describe_field(Members& members, const probes::Spread<M>& field, std::string_view /*prefix*/,
                    bool may_be_absent) {
    using T = std::remove_cvref_t<std::invoke_result_t<const M&, const S&>>;
    if constexpr (probes::is_optional<T>) {
        describe<typename T::value_type>(members, field.prefix, true);
    } else {
        describe<T>(members, field.prefix, may_be_absent);
    }
}

Json object_of(Members members) {
    Json schema = {{"type", "object"}, {"additionalProperties", false}};
    if (!members.required.empty()) {
        schema["required"] = std::move(members.required);
    }
    schema["properties"] = std::move(members.properties);
    return schema;
}

template <class S, class... F>
void describe_field(Members& members, const probes::Group<F...>& group, std::string_view prefix,
                    bool may_be_absent) {
    Members inner;
    std::apply([&](const auto&... field) { (describe_field<S>(inner, field, prefix, false), ...); },
               group.fields);
    const std::string key(group.name);
    members.properties[key] = object_of(std::move(inner));
    if (!may_be_absent) {
        members.required.push_back(key);
    }
}

template <probes::Described S>
void describe(Members& members, std::string_view prefix, bool may_be_absent) {
    std::apply([&](const auto&... field) { (describe_field<S>(members, field, prefix, may_be_absent), ...); },
               probes::fields_of<S>);
}

template <probes::Described S>
Json object_schema() {
    Members members;
    describe<S>(members);
    return object_of(std::move(members));
}

// ---- what has members beyond its facts ----

void add(Members& members, std::string_view key, Json schema, bool required = true) {
    members.properties[std::string(key)] = std::move(schema);
    if (required) {
        members.required.push_back(key);
    }
}

Json described(Json schema, std::string_view about) {
    schema["description"] = about;
    return schema;
}

Json array_of(Json items) {
    return {{"type", "array"}, {"items", std::move(items)}};
}

/// What every probe has, as probe_json() writes it.
template <class F>
Members probe_members() {
    using probes::Stage;
    constexpr Stage stage = F::stage;
    constexpr bool is_watched = probes::OfWatch<F>;
    const Json text = {{"type", "string"}};
    Members members;
    add(members, "stage", {{"const", slug(stage)}});
    if (stage == Stage::dns) {
        add(members, "target", described(text, "The name, in lower case, without a trailing dot"));
        add(members, "resolver", described(text, "ADDRESS:PORT, or /etc/hosts"));
    } else {
        if (!is_watched) {
            add(members, "address", reference("address"));
        }
        add(members, "port", reference("port"));
    }
    add(members, "outcome", reference("outcome"));
    if (!is_watched) {
        add(members, "experiment", text, false);
    }
    add(members, "started_at", reference("time"));
    add(members, "duration_seconds", reference("seconds"));
    add(members, "detail", text, false);
    if (stage == Stage::dns || stage == Stage::tcp || stage == Stage::tls) {
        add(members, "faults",
            described(array_of(reference("outcome")),
                      "All that hold, the outcome among them; absent where that is all"),
            false);
    }
    add(members, "counts",
        described({{"type", "boolean"}}, "False for what is reported but does not decide"));
    add(members, "local_error", reference("local_error"), false);
    return members;
}

Json query_schema() {
    Members members;
    add(members, "type", words<probes::RecordType>());
    add(members, "rcode", described({{"type", {"string", "null"}}}, "Null when no usable reply came"));
    add(members, "outcome", reference("outcome"), false);
    describe<probes::DnsQuery>(members);
    return object_of(std::move(members));
}

void describe_facts(Members& members, Json& /*dependent*/, std::type_identity<probes::DnsFacts> /*of*/) {
    add(members, "role", words<probes::NameRole>());
    add(members, "queries", array_of(reference("query")));
    add(members, "answers", array_of(object_schema<probes::DnsAnswer>()));
    add(members, "cnames", array_of({{"type", "string"}}));
    describe<probes::DnsFacts>(members);
}

/// Where nobody could look, there are no facts; where there is one of what they always have, there are all.
template <probes::Described S>
void describe_together(Members& members, Json& dependent, std::initializer_list<const char*> with = {}) {
    Members facts;
    describe<S>(facts);
    for (const auto& [key, schema] : facts.properties.items()) {
        members.properties[key] = schema;
    }
    const std::string first = facts.required.front();
    facts.required.erase(0);
    for (const char* key : with) {
        facts.required.push_back(key);
    }
    if (!facts.required.empty()) {
        dependent[first] = std::move(facts.required);
    }
}

/// An idle connection is one of its own, which a follow-up test holds.
void describe_facts(Members& members, Json& dependent, std::type_identity<probes::TcpFacts> /*of*/) {
    describe<probes::TcpFacts>(members);
    describe_together<probes::HoldFacts>(members, dependent, {"experiment"});
}

template <class F>
void describe_facts(Members& members, Json& dependent, std::type_identity<F> /*of*/) {
    if constexpr (probes::OfWatch<F>) {
        describe_together<F>(members, dependent);
    } else {
        describe<F>(members);
    }
}

template <class F>
Json probe_schema() {
    Members members = probe_members<F>();
    Json dependent = Json::object();
    describe_facts(members, dependent, std::type_identity<F>{});
    Json schema = object_of(std::move(members));
    if (!dependent.empty()) {
        schema["dependentRequired"] = std::move(dependent);
    }
    return schema;
}

// ---- text ----

constexpr std::size_t max_columns = 120;

bool is_flat(const Json& value) {
    return std::ranges::none_of(value, [](const Json& item) { return item.is_structured(); });
}

/// On one line.
std::string line_of(const Json& value) {
    if (!value.is_structured()) {
        return value.dump();
    }
    std::string text;
    for (const auto& [key, item] : value.items()) {
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ",
                            value.is_object() ? Json(key).dump() + ": " : std::string(), line_of(item));
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

/// Values beside each other as far as a line goes, below the first of them.
std::string filled(const Json& values, std::size_t column) {
    const std::size_t indent = column + 1;
    std::string text = "[";
    column = indent;
    for (const Json& value : values) {
        const std::string piece = value.dump() + (&value == &values.back() ? "]" : ",");
        if (column > indent && column + 1 + piece.size() > max_columns) {
            text += fmt::format("\n{:{}}", "", indent);
            column = indent;
        } else if (column > indent) {
            text += ' ';
            ++column;
        }
        text += piece;
        column += piece.size();
    }
    return text;
}

/// `column` is where it begins, `indent` that of its line.
std::string text_of(const Json& value, std::size_t indent, std::size_t column) {
    std::string line = line_of(value);
    if (!value.is_structured() || value.empty() || column + line.size() < max_columns) {
        return line;
    }
    if (value.is_array() && is_flat(value)) {
        return filled(value, column);
    }
    constexpr std::size_t step = 2;
    std::string text;
    for (const auto& [key, item] : value.items()) {
        const std::string label = value.is_object() ? Json(key).dump() + ": " : std::string();
        text += fmt::format("{}\n{:{}}{}{}", text.empty() ? "" : ",", "", indent + step, label,
                            text_of(item, indent + step, indent + step + label.size()));
    }
    const std::string end = fmt::format("\n{:{}}", "", indent);
    return value.is_object() ? "{" + text + end + "}" : "[" + text + end + "]";
}

}  // namespace

std::string complete_schema(std::string_view schema) {
    Json document = Json::parse(schema);
    Json& definitions = document["$defs"];
    // A definition that has a description keeps it.
    const auto define = [&definitions](std::string_view name, Json made) {
        Json& definition = definitions[std::string(name)];
        if (const auto about = definition.find("description"); about != definition.end()) {
            made["description"] = *about;
        }
        definition = std::move(made);
    };
    define("outcome", words<checks::Outcome>());
    define("cause", words<Cause>());
    define("what", words<What>());
    define("cloud", words<config::Cloud>());
    define("result", words<control::Result>());
    define("severity", words<checks::Severity>());
    define("confidence", words<checks::Confidence>());
    define("end", words<probes::StreamEnd>(1));
    define("local_error", object_schema<probes::LocalError>());
    define("icmp", object_schema<probes::IcmpError>());
    define("query", query_schema());
    define("connection_packets", object_schema<probes::PacketFacts>());
    Json of_connections = Json::array();
    Json of_watches = Json::array();
    probes::for_each_facts([&]<class F>(std::type_identity<F> /*kind*/) {
        const std::string name = fmt::format("{}_probe", slug(F::stage));
        define(name, probe_schema<F>());
        (probes::OfWatch<F> ? of_watches : of_connections).push_back(reference(name));
    });
    define("probe", {{"oneOf", std::move(of_connections)}});
    define("watch_probe", {{"oneOf", std::move(of_watches)}});
    return text_of(document, 0, 0) + "\n";
}

}  // namespace whylink::daemon
