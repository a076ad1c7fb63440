#include <algorithm>
#include <iterator>
#include <limits>

#include "config/keys.hpp"

namespace whylink::config {
namespace {

/// A script belongs to an endpoint.
std::span<const std::string_view> apps() {
    static const std::vector<std::string_view> words = [] {
        std::vector<std::string_view> all;
        std::ranges::copy_if(slugs_of<App>, std::back_inserter(all),
                             [](std::string_view word) { return word != slug(App::expect); });
        return all;
    }();
    return words;
}

Fields<Profile> probed_fields() {
    return {
        field<&Profile::name>({.name = "name",
                               .kind = Kind::profile_name,
                               .help = "The name that `profile = \"…\"` takes.",
                               .required = true}),
        field<&Profile::title>(
            {.name = "title", .kind = Kind::prose, .help = "A few words for people.", .required = true}),
        field<&Profile::extends>(
            {.name = "extends",
             .kind = Kind::profile_base,
             .help =
                 "The profile to build on, built-in or your own. Its remedies come after those of this file.",
             .fallback = "none"}),
        field<&Profile::provider>({.name = "provider",
                                   .kind = Kind::word,
                                   .help = "The provider whose general steps come last.",
                                   .fallback = "from `extends`, else generic",
                                   .choices = slugs_of<Provider>,
                                   .inherited = true}),
        field<&Profile::ports>(
            {.name = "ports",
             .kind = Kind::ports,
             .help = "The first is the default port. The others serve follow-up tests only.",
             .fallback = "from `extends`, else the endpoint must set one",
             .min = 1,
             .max = std::numeric_limits<std::uint16_t>::max(),
             .inherited = true}),
        field<&Profile::tls>({.name = "tls",
                              .kind = Kind::boolean,
                              .help = "true: the service speaks TLS.",
                              .fallback = "from `extends`, else true",
                              .inherited = true}),
        field<&Profile::app>({.name = "app",
                              .kind = Kind::word,
                              .help = "The application protocol.",
                              .fallback = "from `extends`, else none",
                              .choices = apps(),
                              .inherited = true}),
        field<&Profile::port_apps>({.name = "port_apps",
                                    .kind = Kind::port_words,
                                    .help = "The application protocol of ports that differ from `app`.",
                                    .fallback = "from `extends`",
                                    .choices = apps(),
                                    .inherited = true}),
        field<&Profile::has_allow_list>(
            {.name = "allow_list",
             .kind = Kind::boolean,
             .help =
                 "true: the documentation says that the service resets endpoints that are not on its allow-list. Only then is `not_on_allowlist` certain without a follow-up test, so never guess.",
             .fallback = "from `extends`, else false",
             .inherited = true}),
    };
}

Fields<Profile> name_fields() {
    return {
        field<&Profile::hosts>(
            {.name = "hosts",
             .kind = Kind::host_patterns,
             .help =
                 "The private names. `{name}` matches one label or a part of one, `{name*}` one or more labels.",
             .fallback = "from `extends`, unless `hosts`, `zone` or `public_host` is set",
             .inherited = true}),
        field<&Profile::public_host>({.name = "public_host",
                                      .kind = Kind::host_pattern,
                                      .help = "The public name of the same service.",
                                      .fallback = "as `hosts`",
                                      .inherited = true}),
        field<&Profile::zone>({.name = "zone",
                               .kind = Kind::host_pattern,
                               .help = "The wildcard zone of the host.",
                               .fallback = "as `hosts`",
                               .inherited = true}),
    };
}

Fields<Profile> told_fields() {
    return {
        field<&Profile::endpoint_id>(
            {.name = "endpoint_id",
             .kind = Kind::prose,
             .help =
                 "What the endpoint's identifier is and where to find it. A remedy shows it when the endpoint does not set `endpoint_id`.",
             .fallback = "from `extends`",
             .inherited = true}),
        field<&Profile::service>({.name = "service",
                                  .kind = Kind::prose,
                                  .help = "The same for the service's identifier.",
                                  .fallback = "from `extends`",
                                  .inherited = true}),
        field<&Profile::limits>({.name = "limits",
                                 .kind = Kind::prose_list,
                                 .help = "What the service cannot do.",
                                 .fallback = "those of `extends` are shown too"}),
        field<&Profile::sources>({.name = "sources",
                                  .kind = Kind::prose_list,
                                  .help = "The pages that the profile is based on.",
                                  .fallback = "those of `extends` are shown too"}),
        field<&Profile::looks>({.name = "looks",
                                .kind = Kind::looks,
                                .help = "What each of these states looks like.",
                                .fallback = "from `extends`",
                                .inherited = true}),
        field<&Profile::remedies>({.name = "remedy",
                                   .kind = Kind::remedies,
                                   .help = "What to do, in order.",
                                   .fallback = "those of `extends` come after these"}),
    };
}

}  // namespace

template <>
const Fields<Profile>& fields() {
    static const auto rows =
        in_section<Profile>(Section::profile, {probed_fields(), name_fields(), told_fields()});
    return rows;
}

template <>
const Fields<Remedy>& fields() {
    static const auto rows = in_section<Remedy>(
        Section::remedy,
        {{
            field<&Remedy::cause>({.name = "cause",
                                   .kind = Kind::cause,
                                   .help = "A cause that `whylink explain` lists.",
                                   .required = true}),
            field<&Remedy::side>(
                {.name = "side",
                 .kind = Kind::word,
                 .help =
                     "`consumer`: steps at the endpoint. `provider`: steps at the service. Shown where a cause has both.",
                 .choices = slugs_of<Side>}),
            field<&Remedy::complete>(
                {.name = "complete",
                 .kind = Kind::boolean,
                 .help =
                     "true: leave out the steps of `extends` and the general ones, which would repeat these."}),
            field<&Remedy::steps>({.name = "steps",
                                   .kind = Kind::prose_list,
                                   .help = "One or two sentences each.",
                                   .required = true}),
        }});
    return rows;
}

}  // namespace whylink::config
