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
constexpr std::int64_t mebibyte = 1LL << 20;
constexpr std::int64_t pebibyte = 1LL << 50;

/// What [defaults], [[endpoint]] and [[zone]] share.
template <class T>
Fields<T> common_fields() {
    return {
        field<T, &Common::interval>(
            {.name = "interval",
             .kind = Kind::duration,
             .help = "Time from the start of one round to the start of the next (daemon only).",
             .min = second,
             .max = 30 * day,
             .example = "\"30s\""}),
        field<T, &Common::timeout>({.name = "timeout",
                                    .kind = Kind::duration,
                                    .help = "Time limit of each stage: DNS, TCP, TLS and application.",
                                    .min = 10,
                                    .max = 5 * minute,
                                    .example = "\"5s\""}),
        field<T, &Common::resolvers>(
            {.name = "resolvers",
             .kind = Kind::resolver,
             .help = "The DNS servers to query, each on its own. \"system\": those of /etc/resolv.conf.",
             .list = true}),
        field<T, &Common::failure_threshold>(
            {.name = "failure_threshold",
             .kind = Kind::integer,
             .help = "Failed rounds in a row that turn healthy into unhealthy (daemon only).",
             .min = 1,
             .max = 1000,
             .example = "2"}),
        field<T, &Common::success_threshold>(
            {.name = "success_threshold",
             .kind = Kind::integer,
             .help = "Passed rounds in a row that turn unhealthy into healthy (daemon only).",
             .min = 1,
             .max = 1000,
             .example = "1"}),
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
    return {
        field<T, &TargetHead::name>(
            {.name = "name",
             .kind = Kind::name,
             .help = "The name in reports and metrics. Unique among endpoints, zones and watches.",
             .required = true}),
        field<T, &TargetHead::enabled>(
            {.name = "enabled",
             .kind = Kind::boolean,
             .help =
                 "false: the daemon and `whylink check` skip this target; errors in it are still reported."})};
}

template <class T>
Field<T> labels_field() {
    return field<T, &TargetHead::labels>(
        {.name = "labels",
         .kind = Kind::labels,
         .help =
             "Your own labels, such as team and environment: in reports, logs and `whylink_target_info`."});
}

/// How the answers of DNS are judged.
template <class T>
Fields<T> answer_fields() {
    return {
        field<&T::expect>({.name = "expect",
                           .kind = Kind::network,
                           .help = "The addresses that DNS may answer. Empty: any private address.",
                           .list = true}),
        field<&T::private_space>(
            {.name = "private",
             .kind = Kind::boolean,
             .help = "true: an answer outside private address space and outside `expect` is a failure."}),
        field<&T::family>({.name = "family",
                           .kind = Kind::choice,
                           .help = "The address family to query and to connect to.",
                           .choices = slugs_of<Family>}),
    };
}

Fields<Endpoint> application_fields() {
    return {
        field<&Endpoint::app>({.name = "app",
                               .kind = Kind::choice,
                               .help = "The application protocol to speak on the connection.",
                               .fallback = "the profile's, else \"none\"",
                               .choices = slugs_of<App>}),
        field<&Endpoint::http_path>({.name = "http_path",
                                     .kind = Kind::http_path,
                                     .help = "The path that `app = \"http\"` requests."}),
        field<&Endpoint::http_status>(
            {.name = "http_status",
             .kind = Kind::integer,
             .help = "The HTTP status codes that are good. Empty: all below 400, and 401.",
             .min = 100,
             .max = 599,
             .example = "200",
             .list = true}),
        field<&Endpoint::settle>(
            {.name = "settle",
             .kind = Kind::duration,
             .help =
                 "How long to watch an accepted connection with `tls = false` and `app = \"none\"`. \"0s\": not at all.",
             .min = 0,
             .max = 5 * minute}),
        field<&Endpoint::proxy_protocol>(
            {.name = "proxy_protocol",
             .kind = Kind::choice,
             .help = "The PROXY header to send first, for a server that requires one.",
             .choices = slugs_of<ProxyProtocol>}),
        field<&Endpoint::experiments>(
            {.name = "experiments",
             .kind = Kind::boolean,
             .help =
                 "After a failure with several possible causes, run follow-up tests to tell them apart."}),
        field<&Endpoint::hold>(
            {.name = "hold",
             .kind = Kind::duration,
             .help =
                 "How long to keep a connection idle before using it again. It shows whether the path drops idle connections (daemon only; `diagnose` has `--hold`).",
             .min = second,
             .max = day,
             .example = "\"6m\""}),
        field<&Endpoint::hold_interval>(
            {.name = "hold_interval",
             .kind = Kind::duration,
             .help = "Time from one idle connection test to the next. At least twice `hold`.",
             .fallback = "an hour, or twice `hold` if that is longer",
             .min = 2 * second,
             .max = 30 * day,
             .example = "\"1h\""}),
    };
}

Fields<Endpoint> socket_fields() {
    return {
        field<&Endpoint::source_address>({.name = "source_address",
                                          .kind = Kind::address,
                                          .help = "The address of this host to connect from."}),
        field<&Endpoint::interface>({.name = "interface",
                                     .kind = Kind::interface,
                                     .help = "The network interface to connect through (SO_BINDTODEVICE).",
                                     .may_be_empty = true}),
        field<&Endpoint::mark>({.name = "mark",
                                .kind = Kind::integer,
                                .help = "The packet mark for policy routing (SO_MARK). Needs CAP_NET_ADMIN.",
                                .min = 0,
                                .max = std::numeric_limits<std::uint32_t>::max(),
                                .example = "7"}),
    };
}

Fields<Endpoint> provider_fields() {
    return {
        field<&Endpoint::public_host>(
            {.name = "public_host",
             .kind = Kind::host_name,
             .help = "The public name of the service. It must resolve, and not to the private address.",
             .may_be_empty = true}),
        field<&Endpoint::endpoint_id>(
            {.name = "endpoint_id",
             .kind = Kind::text,
             .help =
                 "The identifier that an allow-list takes: vpce-…, Azure Resource ID or resourceGuid, PSC connection ID. Fix steps name it.",
             .may_be_empty = true}),
        field<&Endpoint::service>({.name = "service",
                                   .kind = Kind::text,
                                   .help = "The identifier of the service. Fix steps name it.",
                                   .may_be_empty = true}),
    };
}

std::vector<Key> top_keys() {
    return {
        {.name = "include",
         .kind = Kind::text,
         .help =
             "More files, relative to this one. * ? [...] match as in a shell, in sorted order. Only in the main file.",
         .fallback = "[]",
         .list = true},
        {.name = "daemon", .kind = Kind::tables, .help = "Settings of the daemon. Once, in any file."},
        {.name = "probe", .kind = Kind::tables, .help = "What `GET /probe` may reach. Once, in any file."},
        {.name = "defaults",
         .kind = Kind::tables,
         .help = "Defaults of all endpoints and zones in all files. Once, in any file."},
        {.name = "capture", .kind = Kind::tables, .help = "Packet capture. Once, in any file."},
        {.name = "history",
         .kind = Kind::tables,
         .help = "Changes and rounds in the state directory. Once, in any file."},
        {.name = "endpoint", .kind = Kind::tables, .help = "An endpoint to check. Any number."},
        {.name = "zone", .kind = Kind::tables, .help = "A wildcard zone to check. Any number."},
        {.name = "watch", .kind = Kind::tables, .help = "Real traffic to watch. Any number."},
        {.name = "account", .kind = Kind::tables, .help = "A cloud or vendor account to read. Any number."}};
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
                                    .help = "The address of metrics, status page and API. \"\": no HTTP.",
                                    .may_be_empty = true}),
            field<&Daemon::log_level>({.name = "log_level",
                                       .kind = Kind::choice,
                                       .help = "The least severe messages to log.",
                                       .choices = slugs_of<LogLevel>}),
            field<&Daemon::log_format>({.name = "log_format",
                                        .kind = Kind::choice,
                                        .help = "text: lines for people. json: one object a line.",
                                        .choices = slugs_of<LogFormat>}),
            field<&Daemon::max_concurrent>(
                {.name = "max_concurrent",
                 .kind = Kind::integer,
                 .help =
                     "Maximum concurrent checks. When every target times out, targets × timeout ÷ interval are needed.",
                 .min = 1,
                 .max = 1'000'000}),
            field<&Daemon::metadata>(
                {.name = "metadata",
                 .kind = Kind::boolean,
                 .help =
                     "true: ask the cloud's metadata service for the region, zone and network of this host."}),
            field<&Daemon::allow_empty>(
                {.name = "allow_empty",
                 .kind = Kind::boolean,
                 .help =
                     "false: a config with neither targets nor `allow` in [probe] is an error, because a half-written file looks like that. true: whylink then watches nothing."}),
            field<&Daemon::tls>(
                {.name = "tls",
                 .kind = Kind::listener_tls,
                 .help = "Serve HTTPS instead of HTTP. whylink reads changed files again within 30 s.",
                 .fallback = "HTTP"}),
            field<&Daemon::users>(
                {.name = "users",
                 .kind = Kind::users,
                 .help =
                     "Who may use HTTP (basic authentication). Without users, everybody may. whylink reads "
                     "changed users again within 30 s.",
                 .secret = true}),
        }});
    return rows;
}

template <>
const Fields<OnDemand>& fields() {
    static const auto rows = in_section<OnDemand>(
        Section::on_demand,
        {{field<&OnDemand::allow>(
            {.name = "allow",
             .kind = Kind::network,
             .help =
                 "What `GET /probe` may connect to besides the configured endpoints; each address is checked after "
                 "resolution. Loopback, link-local and metadata addresses need an entry of their own kind.",
             .list = true})}});
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
            field<&Capture::mode>(
                {.name = "enabled",
                 .kind = Kind::capture_switch,
                 .help =
                     "\"auto\": capture where permitted. true: refuse to start without permission. false: never."}),
            field<&Capture::interface>({.name = "interface",
                                        .kind = Kind::interface,
                                        .help = "The network interface to capture on. \"any\": all."}),
            field<&Capture::evidence_dir>(
                {.name = "evidence_dir",
                 .kind = Kind::directory,
                 .help = "The directory that keeps the packets of a failure, relative to this file."}),
            field<&Capture::evidence_limit>(
                {.name = "evidence_limit",
                 .kind = Kind::size,
                 .help =
                     "Maximum disk space of that directory. The target with the most data loses its oldest file first.",
                 .min = kibibyte,
                 .max = pebibyte}),
        }});
    return rows;
}

template <>
const Fields<History>& fields() {
    static const auto rows = in_section<History>(
        Section::history,
        {{
            field<&History::enabled>(
                {.name = "enabled",
                 .kind = Kind::boolean,
                 .help = "true: changes and rounds survive a restart. false: they stay in memory."}),
            field<&History::max_age>({.name = "max_age",
                                      .kind = Kind::duration,
                                      .help = "Maximum age of what is kept.",
                                      .min = hour,
                                      .max = 3650 * day}),
            field<&History::max_size>(
                {.name = "max_size",
                 .kind = Kind::size,
                 .help =
                     "Maximum size of the file history.db. Rounds go first, then the oldest changes and outages.",
                 .min = 16 * mebibyte,
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
                      "Sets port, TLS and application, and gives the provider's own fix steps. Not set: a profile is matched by the host name or its CNAME chain, for the diagnosis and its texts only. \"\": none.",
                  .fallback = "by the host's name",
                  .may_be_empty = true}),
             field<&Endpoint::host>(
                 {.name = "host",
                  .kind = Kind::host,
                  .help = "A host name, without search list, or an address, which needs no DNS stage.",
                  .required = true}),
             field<&Endpoint::port>({.name = "port",
                                     .kind = Kind::integer,
                                     .help = "The TCP port.",
                                     .fallback = "the profile's first, else required",
                                     .min = 1,
                                     .max = 65535,
                                     .example = "443"}),
         },
         answer_fields<Endpoint>(),
         application_fields(),
         socket_fields(),
         provider_fields(),
         inherited_fields<Endpoint>(),
         {labels_field<Endpoint>(),
          field<&Endpoint::tls>({.name = "tls",
                                 .kind = Kind::tls,
                                 .help = "false: no TLS. true or a table: TLS on every address.",
                                 .fallback = "the profile's, else true"}),
          field<&Endpoint::expect_script>(
              {.name = "expect_script",
               .kind = Kind::script,
               .help =
                   "What `app = \"expect\"` sends and waits for, in order. Never sent to a wrong address, or over TLS that does not verify.",
               .secret = true})}});
    return rows;
}

template <>
const Fields<Tls>& fields() {
    static const auto rows = in_section<Tls>(
        Section::tls,
        {{
            field<&Tls::server_name>({.name = "server_name",
                                      .kind = Kind::host_name,
                                      .help = "The name to send (SNI) and to verify in the certificate.",
                                      .fallback = "`host`; none when that is an address",
                                      .may_be_empty = true}),
            field<&Tls::ca_file>({.name = "ca_file",
                                  .kind = Kind::readable_file,
                                  .help = "The trusted CA certificates in PEM. \"\": the system's store.",
                                  .may_be_empty = true}),
            field<&Tls::cert_file>(
                {.name = "cert_file",
                 .kind = Kind::readable_file,
                 .help =
                     "The client certificate and its chain in PEM. Never sent to a wrong address, or to a server that does not verify.",
                 .example = "\"/etc/whylink/client.pem\"",
                 .may_be_empty = true}),
            field<&Tls::key_file>({.name = "key_file",
                                   .kind = Kind::readable_file,
                                   .help = "The private key of the client certificate in PEM.",
                                   .example = "\"/etc/whylink/client.key\"",
                                   .may_be_empty = true}),
            field<&Tls::verify>(
                {.name = "verify",
                 .kind = Kind::boolean,
                 .help =
                     "false: certificate faults are recorded and the outcome is ok. Any server at a right address then gets the client certificate and the script."}),
            field<&Tls::min_version>({.name = "min_version",
                                      .kind = Kind::choice,
                                      .help = "The oldest TLS version to accept.",
                                      .choices = slugs_of<TlsVersion>}),
            field<&Tls::alpn>({.name = "alpn",
                               .kind = Kind::protocol_name,
                               .help = "The protocols to offer (ALPN), the preferred one first.",
                               .list = true}),
            field<&Tls::large_hello>(
                {.name = "large_hello",
                 .kind = Kind::choice,
                 .help =
                     "A follow-up test of passed rounds with a ClientHello of two packets, as post-quantum clients send it. auto: once a day and after a failure. always: every passed round. never: off.",
                 .choices = slugs_of<LargeHello>}),
            field<&Tls::expiry_warning>({.name = "expiry_warning",
                                         .kind = Kind::duration,
                                         .help = "Warn when a certificate expires within this time.",
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
                                      .help = "The bytes to send. `config show` and errors do not show them.",
                                      .secret = true}),
            field<&ExpectStep::expect>({.name = "expect",
                                        .kind = Kind::raw_text,
                                        .help = "The bytes to wait for before the next step."}),
            field<&ExpectStep::starttls>(
                {.name = "starttls", .kind = Kind::boolean, .help = "Start TLS after this step."}),
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
                                 .help = "The zone with the wildcard record, without \"*.\".",
                                 .required = true}),
         },
         answer_fields<Zone>(),
         {field<&Zone::known_labels>({.name = "known_labels",
                                      .kind = Kind::known_label,
                                      .help = "Labels of the zone in use, queried besides the random ones.",
                                      .list = true}),
          field<&Zone::random_labels>({.name = "random_labels",
                                       .kind = Kind::integer,
                                       .help = "How many new random labels to query each round.",
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
                                         .help = "Gives the provider's own fix steps.",
                                         .may_be_empty = true}),
          field<&Watch::direction>({.name = "direction",
                                    .kind = Kind::choice,
                                    .help = "inbound: to a service on this host. outbound: from this host.",
                                    .choices = slugs_of<Direction>,
                                    .required = true}),
          field<&Watch::port>({.name = "port",
                               .kind = Kind::integer,
                               .help = "The TCP port: of this host when inbound, of the peer when outbound.",
                               .fallback = "required when inbound, else any",
                               .min = 1,
                               .max = 65535,
                               .example = "8443"}),
          field<&Watch::peer>({.name = "peer",
                               .kind = Kind::network,
                               .help = "The addresses of the other side. Empty: any.",
                               .list = true}),
          field<&Watch::window>({.name = "window",
                                 .kind = Kind::duration,
                                 .help = "How long `whylink check` watches. The daemon always watches.",
                                 .min = 100,
                                 .max = hour}),
          field<&Watch::expect_traffic>({.name = "expect_traffic",
                                         .kind = Kind::duration,
                                         .help = "No traffic for longer than this is a failure.",
                                         .min = second,
                                         .max = 30 * day,
                                         .example = "\"2m\""}),
          field<&Watch::service>(
              {.name = "service",
               .kind = Kind::text,
               .help =
                   "Your endpoint service or Private Link service that the connections come through. Not set: those of the accounts are searched.",
               .may_be_empty = true}),
          field<&Watch::payload>(
              {.name = "payload",
               .kind = Kind::boolean,
               .help = "true: evidence files keep the payload. false: packet headers only."}),
          labels_field<Watch>()}});
    return rows;
}

namespace {

/// Of one provider: rules.cpp refuses it with another one.
template <std::string Account::*Member>
Field<Account> account_field(Kind kind, std::string_view name, std::string_view help) {
    return field<Member>({.name = name, .kind = kind, .help = help, .may_be_empty = true});
}

}  // namespace

template <>
const Fields<Account>& fields() {
    static const auto rows = in_section<Account>(
        Section::account,
        {{field<&Account::name>({.name = "name",
                                 .kind = Kind::name,
                                 .help = "The name in reports and metrics. Unique among accounts.",
                                 .required = true}),
          field<&Account::provider>({.name = "provider",
                                     .kind = Kind::choice,
                                     .help = "Whose API to read. gcp: accepted, not read yet.",
                                     .choices = slugs_of<AccountProvider>,
                                     .required = true}),
          account_field<&Account::region>(Kind::text, "region",
                                          "aws: the region. Not set: as the AWS SDK finds it."),
          account_field<&Account::profile>(Kind::text, "profile", "aws: the profile of the shared files."),
          account_field<&Account::credentials_file>(
              Kind::secret_file, "credentials_file",
              "aws: the shared credentials file. gcp: the key file of a service account."),
          account_field<&Account::role_arn>(Kind::text, "role_arn", "aws: the role to assume."),
          account_field<&Account::subscription>(Kind::text, "subscription",
                                                "azure: the subscription ID. Not set: that of this host."),
          account_field<&Account::tenant_id>(Kind::text, "tenant_id",
                                             "azure: the tenant of the service principal."),
          account_field<&Account::client_id>(
              Kind::text, "client_id",
              "azure: the application of the service principal or managed identity."),
          account_field<&Account::client_secret_file>(Kind::secret_file, "client_secret_file",
                                                      "azure: the secret of the service principal."),
          account_field<&Account::project>(Kind::text, "project", "gcp: the project ID."),
          account_field<&Account::key_id>(Kind::text, "key_id",
                                          "clickhouse: the ID of the API key. Required."),
          account_field<&Account::key_secret_file>(Kind::secret_file, "key_secret_file",
                                                   "clickhouse: the secret of the API key. Required."),
          account_field<&Account::organization>(Kind::text, "organization",
                                                "clickhouse: the organization ID. Not set: that of the key."),
          field<&Account::interval>(
              {.name = "interval",
               .kind = Kind::duration,
               .help = "Maximum age of what was read while nothing fails. A new failure is read at once.",
               .min = minute,
               .max = 30 * day})}});
    return rows;
}

std::span<const Key> keys() {
    static const auto all = keys_of<Daemon, ListenerTls, OnDemand, Common, Capture, History, Endpoint, Tls,
                                    ExpectStep, Zone, Watch, Account>(top_keys());
    return all;
}

std::span<const Key> profile_keys() {
    static const auto all = keys_of<Profile, Remedy>({});
    return all;
}

}  // namespace whylink::config
