#include "config/fields.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "config/messages.hpp"
#include "config/profile_fields.hpp"

namespace whylink::config {
namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t kibibyte = 1LL << 10;
constexpr std::int64_t pebibyte = 1LL << 50;

/// What [defaults], [[endpoint]] and [[zone]] share.
template <class T>
void append_common(std::vector<Field<T>>& rows, Section section) {
    const bool inherited = section != Section::defaults;
    const std::string fallback = inherited ? "from [defaults]" : "";
    rows.push_back(field<T, &Common::interval>(
        {.section = section,
         .name = "interval",
         .kind = Kind::duration,
         .help = "From the start of one round to the start of the next (daemon only).",
         .fallback = fallback,
         .min = second,
         .max = 30 * day,
         .inherited = inherited}));
    rows.push_back(field<T, &Common::timeout>(
        {.section = section,
         .name = "timeout",
         .kind = Kind::duration,
         .help = "How long each stage (DNS, TCP, TLS, application) may take on its own.",
         .fallback = fallback,
         .min = 10,
         .max = 5 * minute,
         .inherited = inherited}));
    rows.push_back(field<T, &Common::resolvers>(
        {.section = section,
         .name = "resolvers",
         .kind = Kind::resolver,
         .help = "Who is asked for names, each on its own: \"system\" is what /etc/resolv.conf names.",
         .fallback = fallback,
         .list = true,
         .required = false,
         .inherited = inherited}));
    rows.push_back(field<T, &Common::failure_threshold>(
        {.section = section,
         .name = "failure_threshold",
         .kind = Kind::integer,
         .help = "Rounds in a row that must fail before healthy turns unhealthy (daemon only).",
         .fallback = fallback,
         .min = 1,
         .max = 1000,
         .inherited = inherited}));
    rows.push_back(field<T, &Common::success_threshold>(
        {.section = section,
         .name = "success_threshold",
         .kind = Kind::integer,
         .help = "Rounds in a row that must pass before unhealthy turns healthy (daemon only).",
         .fallback = fallback,
         .min = 1,
         .max = 1000,
         .inherited = inherited}));
}

template <class T>
Field<T> name_field(Section section) {
    return field<T, &T::name>(
        {.section = section,
         .name = "name",
         .kind = Kind::name,
         .help = "Unique among endpoints, zones and watches; names it in reports and metrics.",
         .required = true});
}

template <class T>
Field<T> enabled_field(Section section) {
    return field<T, &T::enabled>(
        {.section = section,
         .name = "enabled",
         .kind = Kind::boolean,
         .help = "false: checked for mistakes, but otherwise as if it were not there."});
}

template <class T>
Field<T> labels_field(Section section) {
    return field<T, &T::labels>(
        {.section = section,
         .name = "labels",
         .kind = Kind::labels,
         .help = "Team, environment and the like: shown in reports, logs and `whylink_target_info`."});
}

template <class T>
Field<T> family_field(Section section) {
    return field<T, &T::family>({.section = section,
                                 .name = "family",
                                 .kind = Kind::choice,
                                 .help = "Which addresses are asked for and used.",
                                 .choices = slugs_of<Family>});
}

template <class T>
Field<T> expect_field(Section section) {
    return field<T, &T::expect>(
        {.section = section,
         .name = "expect",
         .kind = Kind::network,
         .help = "Every answer of DNS must fall in one of these; empty: any private address will do.",
         .list = true});
}

template <class T>
Field<T> private_field(Section section) {
    return field<T, &T::private_space>(
        {.section = section,
         .name = "private",
         .kind = Kind::boolean,
         .help = "An answer outside private address space (and outside `expect`) is a failure."});
}

std::vector<Field<Daemon>> daemon_fields() {
    constexpr Section section = Section::daemon;
    return {
        field<Daemon, &Daemon::listen>(
            {.section = section,
             .name = "listen",
             .kind = Kind::listen,
             .help = "Where metrics, status page and API are served; \"\": nowhere.",
             .may_be_empty = true}),
        field<Daemon, &Daemon::log_level>({.section = section,
                                           .name = "log_level",
                                           .kind = Kind::choice,
                                           .help = "The least severe messages that are logged.",
                                           .choices = slugs_of<LogLevel>}),
        field<Daemon, &Daemon::log_format>({.section = section,
                                            .name = "log_format",
                                            .kind = Kind::choice,
                                            .help = "Lines for people, or one JSON object for each.",
                                            .choices = slugs_of<LogFormat>}),
        field<Daemon, &Daemon::max_concurrent>({.section = section,
                                                .name = "max_concurrent",
                                                .kind = Kind::integer,
                                                .help = "Rounds under way at once.",
                                                .min = 1,
                                                .max = 1'000'000}),
    };
}

std::vector<Field<Capture>> capture_fields() {
    constexpr Section section = Section::capture;
    return {
        field<Capture, &Capture::mode>({.section = section,
                                        .name = "enabled",
                                        .kind = Kind::capture_switch,
                                        .help =
                                            "Packets: \"auto\" looks at them where that is permitted, true "
                                            "refuses to start where it is not."}),
        field<Capture, &Capture::interface>(
            {.section = section,
             .name = "interface",
             .kind = Kind::interface,
             .help = "The network interface that is looked at; \"any\": all."}),
        field<Capture, &Capture::evidence_dir>(
            {.section = section,
             .name = "evidence_dir",
             .kind = Kind::directory,
             .help = "Where the packets of a failure are kept; relative to this file."}),
        field<Capture, &Capture::evidence_limit>(
            {.section = section,
             .name = "evidence_limit",
             .kind = Kind::size,
             .help = "How much is kept there in all; the oldest goes first.",
             .min = kibibyte,
             .max = pebibyte}),
    };
}

void append_application(std::vector<Field<Endpoint>>& rows) {
    constexpr Section section = Section::endpoint;
    rows.push_back(field<Endpoint, &Endpoint::app>(
        {.section = section,
         .name = "app",
         .kind = Kind::choice,
         .help = "The application that is spoken to once the connection is up.",
         .fallback = "the profile's, else \"none\"",
         .choices = slugs_of<App>}));
    rows.push_back(field<Endpoint, &Endpoint::http_path>({.section = section,
                                                          .name = "http_path",
                                                          .kind = Kind::http_path,
                                                          .help = "What `app = \"http\"` asks for."}));
    rows.push_back(field<Endpoint, &Endpoint::http_status>(
        {.section = section,
         .name = "http_status",
         .kind = Kind::integer,
         .help = "The HTTP status codes that are good; empty: everything under 400, and 401.",
         .min = 100,
         .max = 599,
         .list = true}));
    rows.push_back(field<Endpoint, &Endpoint::settle>(
        {.section = section,
         .name = "settle",
         .kind = Kind::duration,
         .help = "With `tls = false` and `app = \"none\"`: how long an "
                 "accepted connection is watched for its end; \"0s\": not at all.",
         .min = 0,
         .max = 5 * minute}));
    rows.push_back(field<Endpoint, &Endpoint::proxy_protocol>(
        {.section = section,
         .name = "proxy_protocol",
         .kind = Kind::choice,
         .help = "The PROXY header that is sent first, for a server that waits for one.",
         .choices = slugs_of<ProxyProtocol>}));
    rows.push_back(field<Endpoint, &Endpoint::experiments>(
        {.section = section,
         .name = "experiments",
         .kind = Kind::boolean,
         .help = "Further connections after a failure that several causes explain, to tell them apart."}));
    rows.push_back(field<Endpoint, &Endpoint::hold>(
        {.section = section,
         .name = "hold",
         .kind = Kind::duration,
         .help = "A connection is kept idle for so long and then used, to see whether the path forgets it "
                 "(daemon only; `diagnose` has `--hold`).",
         .min = second,
         .max = day}));
    rows.push_back(field<Endpoint, &Endpoint::hold_interval>(
        {.section = section,
         .name = "hold_interval",
         .kind = Kind::duration,
         .help = "From one such connection to the next; at least twice as long as `hold`.",
         .fallback = "an hour, or twice `hold` where that is longer",
         .min = 2 * second,
         .max = 30 * day}));
}

void append_socket(std::vector<Field<Endpoint>>& rows) {
    constexpr Section section = Section::endpoint;
    rows.push_back(field<Endpoint, &Endpoint::source_address>(
        {.section = section,
         .name = "source_address",
         .kind = Kind::address,
         .help = "The address of this VM that connections are made from."}));
    rows.push_back(field<Endpoint, &Endpoint::interface>(
        {.section = section,
         .name = "interface",
         .kind = Kind::interface,
         .help = "The network interface that connections leave by (SO_BINDTODEVICE).",
         .may_be_empty = true}));
    rows.push_back(field<Endpoint, &Endpoint::mark>(
        {.section = section,
         .name = "mark",
         .kind = Kind::integer,
         .help = "The mark on the packets (SO_MARK), for policy routing; needs CAP_NET_ADMIN.",
         .min = 0,
         .max = std::numeric_limits<std::uint32_t>::max()}));
}

void append_provider(std::vector<Field<Endpoint>>& rows) {
    constexpr Section section = Section::endpoint;
    rows.push_back(field<Endpoint, &Endpoint::public_host>(
        {.section = section,
         .name = "public_host",
         .kind = Kind::host_name,
         .help = "The service's public name: it must resolve, and not to the private address.",
         .may_be_empty = true}));
    rows.push_back(
        field<Endpoint, &Endpoint::endpoint_id>({.section = section,
                                                 .name = "endpoint_id",
                                                 .kind = Kind::text,
                                                 .help = "What an allow-list wants: vpce-..., resource GUID, "
                                                         "PSC connection id. Named in the remediation.",
                                                 .may_be_empty = true}));
    rows.push_back(
        field<Endpoint, &Endpoint::service>({.section = section,
                                             .name = "service",
                                             .kind = Kind::text,
                                             .help = "The service's identifier. Named in the remediation.",
                                             .may_be_empty = true}));
}

std::vector<Field<Endpoint>> endpoint_fields() {
    constexpr Section section = Section::endpoint;
    std::vector<Field<Endpoint>> rows{
        name_field<Endpoint>(section),
        enabled_field<Endpoint>(section),
        field<Endpoint, &Endpoint::profile>(
            {.section = section,
             .name = "profile",
             .kind = Kind::profile,
             .help = "Fills in port, TLS and application, and words the remediation in the provider's terms.",
             .may_be_empty = true}),
        field<Endpoint, &Endpoint::host>(
            {.section = section,
             .name = "host",
             .kind = Kind::host,
             .help =
                 "A name, asked as it stands (no search list), or an address: then there is no DNS stage.",
             .required = true}),
        field<Endpoint, &Endpoint::port>({.section = section,
                                          .name = "port",
                                          .kind = Kind::integer,
                                          .help = "The TCP port.",
                                          .fallback = "the profile's first, else required",
                                          .min = 1,
                                          .max = 65535}),
        expect_field<Endpoint>(section),
        private_field<Endpoint>(section),
        family_field<Endpoint>(section),
    };
    append_application(rows);
    append_socket(rows);
    append_provider(rows);
    append_common(rows, section);
    rows.push_back(labels_field<Endpoint>(section));
    rows.push_back(field<Endpoint, &Endpoint::tls>(
        {.section = section,
         .name = "tls",
         .kind = Kind::tls,
         .help = "false: a plain connection; true or a table: TLS on every address.",
         .fallback = "the profile's, else true"}));
    rows.push_back(field<Endpoint, &Endpoint::expect_script>(
        {.section = section,
         .name = "expect_script",
         .kind = Kind::script,
         .help = "What `app = \"expect\"` sends and waits for, in order."}));
    return rows;
}

std::vector<Field<Tls>> tls_fields() {
    constexpr Section section = Section::tls;
    return {
        field<Tls, &Tls::server_name>(
            {.section = section,
             .name = "server_name",
             .kind = Kind::host_name,
             .help = "The name that is sent (SNI) and that the certificate must have.",
             .fallback = "`host`; none when that is an address",
             .may_be_empty = true}),
        field<Tls, &Tls::ca_file>(
            {.section = section,
             .name = "ca_file",
             .kind = Kind::readable_file,
             .help = "The certificates that are trusted, in PEM; \"\": the system's store.",
             .may_be_empty = true}),
        field<Tls, &Tls::cert_file>({.section = section,
                                     .name = "cert_file",
                                     .kind = Kind::readable_file,
                                     .help = "The client certificate and its chain, in PEM.",
                                     .may_be_empty = true}),
        field<Tls, &Tls::key_file>({.section = section,
                                    .name = "key_file",
                                    .kind = Kind::readable_file,
                                    .help = "The client certificate's key, in PEM.",
                                    .may_be_empty = true}),
        field<Tls, &Tls::verify>(
            {.section = section,
             .name = "verify",
             .kind = Kind::boolean,
             .help = "false: faults of the certificate are recorded, and the outcome is ok."}),
        field<Tls, &Tls::min_version>({.section = section,
                                       .name = "min_version",
                                       .kind = Kind::choice,
                                       .help = "The oldest version of TLS that is accepted.",
                                       .choices = slugs_of<TlsVersion>}),
        field<Tls, &Tls::alpn>({.section = section,
                                .name = "alpn",
                                .kind = Kind::protocol_name,
                                .help = "The application protocols that are offered (ALPN), best first.",
                                .list = true}),
        field<Tls, &Tls::expiry_warning>({.section = section,
                                          .name = "expiry_warning",
                                          .kind = Kind::duration,
                                          .help = "A certificate that ends within this time is a warning.",
                                          .min = 0,
                                          .max = 3650 * day}),
    };
}

std::vector<Field<ExpectStep>> expect_script_fields() {
    constexpr Section section = Section::expect_script;
    return {
        field<ExpectStep, &ExpectStep::send>(
            {.section = section, .name = "send", .kind = Kind::raw_text, .help = "Sent as it stands."}),
        field<ExpectStep, &ExpectStep::expect>({.section = section,
                                                .name = "expect",
                                                .kind = Kind::raw_text,
                                                .help = "Waited for before the next line."}),
        field<ExpectStep, &ExpectStep::starttls>({.section = section,
                                                  .name = "starttls",
                                                  .kind = Kind::boolean,
                                                  .help = "TLS begins after this line."}),
    };
}

std::vector<Field<Zone>> zone_fields() {
    constexpr Section section = Section::zone;
    std::vector<Field<Zone>> rows{
        name_field<Zone>(section),
        enabled_field<Zone>(section),
        field<Zone, &Zone::zone>({.section = section,
                                  .name = "zone",
                                  .kind = Kind::zone_name,
                                  .help = "The zone that has a wildcard record, without \"*.\".",
                                  .required = true}),
        expect_field<Zone>(section),
        private_field<Zone>(section),
        family_field<Zone>(section),
        field<Zone, &Zone::known_labels>(
            {.section = section,
             .name = "known_labels",
             .kind = Kind::known_label,
             .help = "Labels of the zone that are in use, asked beside the random ones.",
             .list = true}),
        field<Zone, &Zone::random_labels>({.section = section,
                                           .name = "random_labels",
                                           .kind = Kind::integer,
                                           .help = "How many new random labels each round asks for.",
                                           .min = 1,
                                           .max = 32}),
    };
    append_common(rows, section);
    rows.push_back(labels_field<Zone>(section));
    return rows;
}

std::vector<Field<Watch>> watch_fields() {
    constexpr Section section = Section::watch;
    return {
        name_field<Watch>(section),
        enabled_field<Watch>(section),
        field<Watch, &Watch::profile>({.section = section,
                                       .name = "profile",
                                       .kind = Kind::profile,
                                       .help = "Words the remediation in the provider's terms.",
                                       .may_be_empty = true}),
        field<Watch, &Watch::direction>({.section = section,
                                         .name = "direction",
                                         .kind = Kind::choice,
                                         .help = "inbound: to a service on this VM; outbound: from this VM.",
                                         .choices = slugs_of<Direction>,
                                         .required = true}),
        field<Watch, &Watch::port>(
            {.section = section,
             .name = "port",
             .kind = Kind::integer,
             .help = "The TCP port: of this VM when inbound, of the other side when outbound.",
             .fallback = "required when inbound, else any",
             .min = 1,
             .max = 65535}),
        field<Watch, &Watch::peer>({.section = section,
                                    .name = "peer",
                                    .kind = Kind::network,
                                    .help = "The other side; empty: anyone.",
                                    .list = true}),
        field<Watch, &Watch::window>(
            {.section = section,
             .name = "window",
             .kind = Kind::duration,
             .help = "How long `whylink check` looks; the daemon looks all the time.",
             .min = 100,
             .max = hour}),
        field<Watch, &Watch::expect_traffic>({.section = section,
                                              .name = "expect_traffic",
                                              .kind = Kind::duration,
                                              .help = "Silence for longer than this is a failure.",
                                              .min = second,
                                              .max = 30 * day}),
        field<Watch, &Watch::payload>({.section = section,
                                       .name = "payload",
                                       .kind = Kind::boolean,
                                       .help = "Evidence files keep what the connections carry; false: only "
                                               "the headers of their packets."}),
        labels_field<Watch>(section),
    };
}

std::vector<Field<Common>> default_fields() {
    std::vector<Field<Common>> rows;
    append_common(rows, Section::defaults);
    return rows;
}

std::array<Key, 7> top_keys() {
    return {
        {{.name = "include",
          .kind = Kind::text,
          .help =
              "Further files, relative to this one; * ? [...] match as in a shell, in sorted order. Only the "
              "main file may have it.",
          .fallback = "[]",
          .list = true},
         {.name = "daemon", .kind = Kind::tables, .help = "The daemon itself; once, in any file."},
         {.name = "defaults",
          .kind = Kind::tables,
          .help = "For all endpoints and zones of all files; once, in any file."},
         {.name = "capture", .kind = Kind::tables, .help = "Packets; once, in any file."},
         {.name = "endpoint", .kind = Kind::tables, .help = "An endpoint that is checked; any number."},
         {.name = "zone", .kind = Kind::tables, .help = "A wildcard zone that is checked; any number."},
         {.name = "watch", .kind = Kind::tables, .help = "Real traffic that is looked at; any number."}}};
}

template <class T>
void append_keys(std::vector<Key>& all) {
    for (const Field<T>& row : fields<T>()) {
        all.push_back(row.key);
    }
}

std::vector<Key> all_keys() {
    std::vector<Key> all;
    std::ranges::copy(top_keys(), std::back_inserter(all));
    append_keys<Daemon>(all);
    append_keys<Common>(all);
    append_keys<Capture>(all);
    append_keys<Endpoint>(all);
    append_keys<Tls>(all);
    append_keys<ExpectStep>(all);
    append_keys<Zone>(all);
    append_keys<Watch>(all);
    return all;
}

std::vector<Key> all_profile_keys() {
    std::vector<Key> all;
    append_keys<Profile>(all);
    append_keys<Remedy>(all);
    return all;
}

}  // namespace

template <>
const std::vector<Field<Daemon>>& fields<Daemon>() {
    static const auto rows = daemon_fields();
    return rows;
}
template <>
const std::vector<Field<Common>>& fields<Common>() {
    static const auto rows = default_fields();
    return rows;
}
template <>
const std::vector<Field<Capture>>& fields<Capture>() {
    static const auto rows = capture_fields();
    return rows;
}
template <>
const std::vector<Field<Endpoint>>& fields<Endpoint>() {
    static const auto rows = endpoint_fields();
    return rows;
}
template <>
const std::vector<Field<Tls>>& fields<Tls>() {
    static const auto rows = tls_fields();
    return rows;
}
template <>
const std::vector<Field<ExpectStep>>& fields<ExpectStep>() {
    static const auto rows = expect_script_fields();
    return rows;
}
template <>
const std::vector<Field<Zone>>& fields<Zone>() {
    static const auto rows = zone_fields();
    return rows;
}
template <>
const std::vector<Field<Watch>>& fields<Watch>() {
    static const auto rows = watch_fields();
    return rows;
}

template <>
const std::vector<Field<Profile>>& fields<Profile>() {
    static const auto rows = profile_fields();
    return rows;
}
template <>
const std::vector<Field<Remedy>>& fields<Remedy>() {
    static const auto rows = remedy_fields();
    return rows;
}

std::span<const Key> keys() {
    static const auto all = all_keys();
    return all;
}

std::span<const Key> profile_keys() {
    static const auto all = all_profile_keys();
    return all;
}

template <class T>
void read_table(Source& source, Position at, const Table& table, T& target) {
    const auto& rows = fields<T>();
    const Section section = rows.front().key.section;
    for (const Member& member : table) {
        const auto row = std::ranges::find(rows, member.key, [](const Field<T>& f) { return f.key.name; });
        if (row == rows.end()) {
            source.problems.push_back({member.at, unknown_key_message(member.key, section, source)});
        } else {
            row->read(source, row->key, member.value, target);
        }
    }
    for (const Field<T>& row : rows) {
        if (!row.key.required || find(table, row.key.name) != nullptr) {
            continue;
        }
        source.problems.push_back({at, missing_key_message(row.key, source)});
    }
}

template void read_table(Source&, Position, const Table&, Daemon&);
template void read_table(Source&, Position, const Table&, Common&);
template void read_table(Source&, Position, const Table&, Capture&);
template void read_table(Source&, Position, const Table&, Endpoint&);
template void read_table(Source&, Position, const Table&, Tls&);
template void read_table(Source&, Position, const Table&, ExpectStep&);
template void read_table(Source&, Position, const Table&, Zone&);
template void read_table(Source&, Position, const Table&, Watch&);
template void read_table(Source&, Position, const Table&, Profile&);
template void read_table(Source&, Position, const Table&, Remedy&);

}  // namespace whylink::config
