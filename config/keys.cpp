#include "config/keys.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

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
Fields<T> common_fields() {
    return {
        field<T, &Common::interval>(
            {.name = "interval",
             .kind = Kind::duration,
             .help = "From the start of one round to the start of the next (daemon only).",
             .min = second,
             .max = 30 * day}),
        field<T, &Common::timeout>(
            {.name = "timeout",
             .kind = Kind::duration,
             .help = "How long each stage (DNS, TCP, TLS, application) may take on its own.",
             .min = 10,
             .max = 5 * minute}),
        field<T, &Common::resolvers>(
            {.name = "resolvers",
             .kind = Kind::resolver,
             .help = "Who is asked for names, each on its own: \"system\" is what /etc/resolv.conf names.",
             .list = true}),
        field<T, &Common::failure_threshold>(
            {.name = "failure_threshold",
             .kind = Kind::integer,
             .help = "Rounds in a row that must fail before healthy turns unhealthy (daemon only).",
             .min = 1,
             .max = 1000}),
        field<T, &Common::success_threshold>(
            {.name = "success_threshold",
             .kind = Kind::integer,
             .help = "Rounds in a row that must pass before unhealthy turns healthy (daemon only).",
             .min = 1,
             .max = 1000}),
    };
}

template <class T>
Fields<T> inherited_fields() {
    Fields<T> rows = common_fields<T>();
    for (Field<T>& row : rows) {
        row.key.fallback = "from [defaults]";
        row.key.inherited = true;
    }
    return rows;
}

template <class T>
Fields<T> head_fields() {
    return {field<T, &TargetHead::name>(
                {.name = "name",
                 .kind = Kind::name,
                 .help = "Unique among endpoints, zones and watches; names it in reports and metrics.",
                 .required = true}),
            field<T, &TargetHead::enabled>(
                {.name = "enabled",
                 .kind = Kind::boolean,
                 .help = "false: checked for mistakes, but otherwise as if it were not there."})};
}

template <class T>
Field<T> labels_field() {
    return field<T, &TargetHead::labels>(
        {.name = "labels",
         .kind = Kind::labels,
         .help = "Team, environment and the like: shown in reports, logs and `whylink_target_info`."});
}

/// How the answers of DNS are judged.
template <class T>
Fields<T> answer_fields() {
    return {
        field<&T::expect>(
            {.name = "expect",
             .kind = Kind::network,
             .help = "Every answer of DNS must fall in one of these; empty: any private address will do.",
             .list = true}),
        field<&T::private_space>(
            {.name = "private",
             .kind = Kind::boolean,
             .help = "An answer outside private address space (and outside `expect`) is a failure."}),
        field<&T::family>({.name = "family",
                           .kind = Kind::choice,
                           .help = "Which addresses are asked for and used.",
                           .choices = slugs_of<Family>}),
    };
}

Fields<Endpoint> application_fields() {
    return {
        field<&Endpoint::app>({.name = "app",
                               .kind = Kind::choice,
                               .help = "The application that is spoken to once the connection is up.",
                               .fallback = "the profile's, else \"none\"",
                               .choices = slugs_of<App>}),
        field<&Endpoint::http_path>(
            {.name = "http_path", .kind = Kind::http_path, .help = "What `app = \"http\"` asks for."}),
        field<&Endpoint::http_status>(
            {.name = "http_status",
             .kind = Kind::integer,
             .help = "The HTTP status codes that are good; empty: everything under 400, and 401.",
             .min = 100,
             .max = 599,
             .list = true}),
        field<&Endpoint::settle>({.name = "settle",
                                  .kind = Kind::duration,
                                  .help = "With `tls = false` and `app = \"none\"`: how long an "
                                          "accepted connection is watched for its end; \"0s\": not at all.",
                                  .min = 0,
                                  .max = 5 * minute}),
        field<&Endpoint::proxy_protocol>(
            {.name = "proxy_protocol",
             .kind = Kind::choice,
             .help = "The PROXY header that is sent first, for a server that waits for one.",
             .choices = slugs_of<ProxyProtocol>}),
        field<&Endpoint::experiments>(
            {.name = "experiments",
             .kind = Kind::boolean,
             .help = "Further connections after a failure that several causes explain, to tell them apart."}),
        field<&Endpoint::hold>(
            {.name = "hold",
             .kind = Kind::duration,
             .help =
                 "A connection is kept idle for so long and then used, to see whether the path forgets it "
                 "(daemon only; `diagnose` has `--hold`).",
             .min = second,
             .max = day}),
        field<&Endpoint::hold_interval>(
            {.name = "hold_interval",
             .kind = Kind::duration,
             .help = "From one such connection to the next; at least twice as long as `hold`.",
             .fallback = "an hour, or twice `hold` where that is longer",
             .min = 2 * second,
             .max = 30 * day}),
    };
}

Fields<Endpoint> socket_fields() {
    return {
        field<&Endpoint::source_address>({.name = "source_address",
                                          .kind = Kind::address,
                                          .help = "The address of this VM that connections are made from."}),
        field<&Endpoint::interface>(
            {.name = "interface",
             .kind = Kind::interface,
             .help = "The network interface that connections leave by (SO_BINDTODEVICE).",
             .may_be_empty = true}),
        field<&Endpoint::mark>(
            {.name = "mark",
             .kind = Kind::integer,
             .help = "The mark on the packets (SO_MARK), for policy routing; needs CAP_NET_ADMIN.",
             .min = 0,
             .max = std::numeric_limits<std::uint32_t>::max()}),
    };
}

Fields<Endpoint> provider_fields() {
    return {
        field<&Endpoint::public_host>(
            {.name = "public_host",
             .kind = Kind::host_name,
             .help = "The service's public name: it must resolve, and not to the private address.",
             .may_be_empty = true}),
        field<&Endpoint::endpoint_id>({.name = "endpoint_id",
                                       .kind = Kind::text,
                                       .help = "What an allow-list wants: vpce-..., Azure Resource ID or "
                                               "resourceGuid, PSC connection ID. Named in the remediation.",
                                       .may_be_empty = true}),
        field<&Endpoint::service>({.name = "service",
                                   .kind = Kind::text,
                                   .help = "The service's identifier. Named in the remediation.",
                                   .may_be_empty = true}),
    };
}

std::vector<Key> top_keys() {
    return {
        {.name = "include",
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
        {.name = "watch", .kind = Kind::tables, .help = "Real traffic that is looked at; any number."}};
}

/// `all`, and those of the tables.
template <class... T>
std::vector<Key> keys_of(std::vector<Key> all) {
    (std::ranges::transform(fields<T>(), std::back_inserter(all), &Field<T>::key), ...);
    return all;
}

}  // namespace

template <>
const Fields<Daemon>& fields() {
    static const auto rows = in_section<Daemon>(
        Section::daemon,
        {{
            field<&Daemon::listen>({.name = "listen",
                                    .kind = Kind::listen,
                                    .help = "Where metrics, status page and API are served; \"\": nowhere.",
                                    .may_be_empty = true}),
            field<&Daemon::log_level>({.name = "log_level",
                                       .kind = Kind::choice,
                                       .help = "The least severe messages that are logged.",
                                       .choices = slugs_of<LogLevel>}),
            field<&Daemon::log_format>({.name = "log_format",
                                        .kind = Kind::choice,
                                        .help = "Lines for people, or one JSON object for each.",
                                        .choices = slugs_of<LogFormat>}),
            field<&Daemon::max_concurrent>(
                {.name = "max_concurrent",
                 .kind = Kind::integer,
                 .help =
                     "Concurrent checks at most. When every target times out, targets × time-out ÷ interval "
                     "are needed.",
                 .min = 1,
                 .max = 1'000'000}),
            field<&Daemon::allow_empty>(
                {.name = "allow_empty",
                 .kind = Kind::boolean,
                 .help =
                     "false: a config with no endpoint, zone or watch is an error, because that is what a file looks "
                     "like that was caught half written. true: nothing is watched then."}),
            field<&Daemon::tls>({.name = "tls",
                                 .kind = Kind::listener_tls,
                                 .help = "HTTPS instead of HTTP. Changed files are read again within 30 s.",
                                 .fallback = "HTTP"}),
            field<&Daemon::users>(
                {.name = "users",
                 .kind = Kind::users,
                 .help =
                     "Who may ask the daemon anything (basic authentication); without users everybody may. Changed "
                     "users are read again within 30 s.",
                 .secret = true}),
        }});
    return rows;
}

template <>
const Fields<Common>& fields() {
    static const auto rows = in_section<Common>(Section::defaults, {common_fields<Common>()});
    return rows;
}

template <>
const Fields<Capture>& fields() {
    static const auto rows = in_section<Capture>(
        Section::capture,
        {{
            field<&Capture::mode>({.name = "enabled",
                                   .kind = Kind::capture_switch,
                                   .help = "Packets: \"auto\" looks at them where that is permitted, true "
                                           "refuses to start where it is not."}),
            field<&Capture::interface>({.name = "interface",
                                        .kind = Kind::interface,
                                        .help = "The network interface that is looked at; \"any\": all."}),
            field<&Capture::evidence_dir>(
                {.name = "evidence_dir",
                 .kind = Kind::directory,
                 .help = "Where the packets of a failure are kept; relative to this file."}),
            field<&Capture::evidence_limit>({.name = "evidence_limit",
                                             .kind = Kind::size,
                                             .help =
                                                 "How much is kept there in all, in blocks on the disk; the "
                                                 "target that holds the most gives up its oldest file first.",
                                             .min = kibibyte,
                                             .max = pebibyte}),
        }});
    return rows;
}

template <>
const Fields<Endpoint>& fields() {
    static const auto rows = in_section<Endpoint>(
        Section::endpoint,
        {head_fields<Endpoint>(),
         {
             field<Endpoint, &Endpoint::profile>(
                 {.name = "profile",
                  .kind = Kind::profile,
                  .help =
                      "Fills in port, TLS and application, and words the remediation in the provider's terms. Without it "
                      "a profile is picked by the host's name or a name of its CNAME chain, for the diagnosis and its "
                      "wording only; \"\": none.",
                  .fallback = "by the host's name",
                  .may_be_empty = true}),
             field<&Endpoint::host>(
                 {.name = "host",
                  .kind = Kind::host,
                  .help =
                      "A name, asked as it stands (no search list), or an address: then there is no DNS stage.",
                  .required = true}),
             field<&Endpoint::port>({.name = "port",
                                     .kind = Kind::integer,
                                     .help = "The TCP port.",
                                     .fallback = "the profile's first, else required",
                                     .min = 1,
                                     .max = 65535}),
         },
         answer_fields<Endpoint>(),
         application_fields(),
         socket_fields(),
         provider_fields(),
         inherited_fields<Endpoint>(),
         {labels_field<Endpoint>(),
          field<&Endpoint::tls>({.name = "tls",
                                 .kind = Kind::tls,
                                 .help = "false: a plain connection; true or a table: TLS on every address.",
                                 .fallback = "the profile's, else true"}),
          field<&Endpoint::expect_script>(
              {.name = "expect_script",
               .kind = Kind::script,
               .help =
                   "What `app = \"expect\"` sends and waits for, in order. Nothing of it is sent over TLS that does "
                   "not verify, and at no wrong address.",
               .secret = true})}});
    return rows;
}

template <>
const Fields<Tls>& fields() {
    static const auto rows = in_section<Tls>(
        Section::tls,
        {{
            field<&Tls::server_name>(
                {.name = "server_name",
                 .kind = Kind::host_name,
                 .help = "The name that is sent (SNI) and that the certificate must have.",
                 .fallback = "`host`; none when that is an address",
                 .may_be_empty = true}),
            field<&Tls::ca_file>(
                {.name = "ca_file",
                 .kind = Kind::readable_file,
                 .help = "The certificates that are trusted, in PEM; \"\": the system's store.",
                 .may_be_empty = true}),
            field<&Tls::cert_file>(
                {.name = "cert_file",
                 .kind = Kind::readable_file,
                 .help = "The client certificate and its chain, in PEM. It is shown to no server "
                         "that does not verify, and at no wrong address.",
                 .may_be_empty = true}),
            field<&Tls::key_file>({.name = "key_file",
                                   .kind = Kind::readable_file,
                                   .help = "The client certificate's key, in PEM.",
                                   .may_be_empty = true}),
            field<&Tls::verify>(
                {.name = "verify",
                 .kind = Kind::boolean,
                 .help =
                     "false: faults of the certificate are recorded, and the outcome is ok. Whoever answers at a "
                     "right address then gets the client certificate and the script."}),
            field<&Tls::min_version>({.name = "min_version",
                                      .kind = Kind::choice,
                                      .help = "The oldest version of TLS that is accepted.",
                                      .choices = slugs_of<TlsVersion>}),
            field<&Tls::alpn>({.name = "alpn",
                               .kind = Kind::protocol_name,
                               .help = "The application protocols that are offered (ALPN), best first.",
                               .list = true}),
            field<&Tls::large_hello>(
                {.name = "large_hello",
                 .kind = Kind::choice,
                 .help =
                     "A follow-up test of rounds that pass, with a ClientHello as long as that of post-quantum clients, "
                     "which take two packets for it: auto, once a day and again after a failure; always, each of these "
                     "rounds; never.",
                 .choices = slugs_of<LargeHello>}),
            field<&Tls::expiry_warning>({.name = "expiry_warning",
                                         .kind = Kind::duration,
                                         .help = "A certificate that ends within this time is a warning.",
                                         .min = 0,
                                         .max = 3650 * day}),
        }});
    return rows;
}

template <>
const Fields<ExpectStep>& fields() {
    static const auto rows = in_section<ExpectStep>(
        Section::expect_script,
        {{
            field<&ExpectStep::send>({.name = "send",
                                      .kind = Kind::raw_text,
                                      .help = "Sent as it stands. `config show` and errors do not show it.",
                                      .secret = true}),
            field<&ExpectStep::expect>(
                {.name = "expect", .kind = Kind::raw_text, .help = "Waited for before the next line."}),
            field<&ExpectStep::starttls>(
                {.name = "starttls", .kind = Kind::boolean, .help = "TLS begins after this line."}),
        }});
    return rows;
}

template <>
const Fields<Zone>& fields() {
    static const auto rows = in_section<Zone>(
        Section::zone,
        {head_fields<Zone>(),
         {
             field<&Zone::zone>({.name = "zone",
                                 .kind = Kind::zone_name,
                                 .help = "The zone that has a wildcard record, without \"*.\".",
                                 .required = true}),
         },
         answer_fields<Zone>(),
         {field<&Zone::known_labels>(
              {.name = "known_labels",
               .kind = Kind::known_label,
               .help = "Labels of the zone that are in use, asked beside the random ones.",
               .list = true}),
          field<&Zone::random_labels>({.name = "random_labels",
                                       .kind = Kind::integer,
                                       .help = "How many new random labels each round asks for.",
                                       .min = 1,
                                       .max = 32})},
         inherited_fields<Zone>(),
         {labels_field<Zone>()}});
    return rows;
}

template <>
const Fields<Watch>& fields() {
    static const auto rows = in_section<Watch>(
        Section::watch,
        {head_fields<Watch>(),
         {field<Watch, &Watch::profile>({.name = "profile",
                                         .kind = Kind::profile,
                                         .help = "Words the remediation in the provider's terms.",
                                         .may_be_empty = true}),
          field<&Watch::direction>({.name = "direction",
                                    .kind = Kind::choice,
                                    .help = "inbound: to a service on this VM; outbound: from this VM.",
                                    .choices = slugs_of<Direction>,
                                    .required = true}),
          field<&Watch::port>(
              {.name = "port",
               .kind = Kind::integer,
               .help = "The TCP port: of this VM when inbound, of the other side when outbound.",
               .fallback = "required when inbound, else any",
               .min = 1,
               .max = 65535}),
          field<&Watch::peer>({.name = "peer",
                               .kind = Kind::network,
                               .help = "The other side; empty: anyone.",
                               .list = true}),
          field<&Watch::window>({.name = "window",
                                 .kind = Kind::duration,
                                 .help = "How long `whylink check` looks; the daemon looks all the time.",
                                 .min = 100,
                                 .max = hour}),
          field<&Watch::expect_traffic>({.name = "expect_traffic",
                                         .kind = Kind::duration,
                                         .help = "Silence for longer than this is a failure.",
                                         .min = second,
                                         .max = 30 * day}),
          field<&Watch::payload>({.name = "payload",
                                  .kind = Kind::boolean,
                                  .help = "Evidence files keep what the connections carry; false: only "
                                          "the headers of their packets."}),
          labels_field<Watch>()}});
    return rows;
}

std::span<const Key> keys() {
    static const auto all =
        keys_of<Daemon, ListenerTls, Common, Capture, Endpoint, Tls, ExpectStep, Zone, Watch>(top_keys());
    return all;
}

std::span<const Key> profile_keys() {
    static const auto all = keys_of<Profile, Remedy>({});
    return all;
}

}  // namespace whylink::config
