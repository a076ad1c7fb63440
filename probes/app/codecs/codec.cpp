#include "probes/app/codecs/codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace whylink::probes {
namespace {

using config::App;
using Maker = std::unique_ptr<Codec> (*)(const AppRequest& request);

/// An application whose codec is missing does not link.
template <std::size_t... index>
constexpr std::array<Maker, sizeof...(index)> makers_of(std::index_sequence<index...> /*each but `none`*/) {
    return {&codec_of<static_cast<App>(index + 1)>...};
}
constexpr auto makers = makers_of(std::make_index_sequence<count_of<App> - 1>());

}  // namespace

bool negotiates_tls(const AppRequest& request) {
    switch (config::application(request.app).tls) {
        case config::TlsStart::in_front:
            return false;
        case config::TlsStart::inside:
            return request.tls;
        case config::TlsStart::by_script:
            break;
    }
    return request.tls &&
           std::ranges::any_of(request.script, [](const config::ExpectStep& step) { return step.starttls; });
}

std::unique_ptr<Codec> make_codec(const AppRequest& request) {
    return makers[static_cast<std::size_t>(request.app) - 1](request);
}

}  // namespace whylink::probes
