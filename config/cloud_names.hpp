// Which cloud a name belongs to, by the name alone.
#pragma once

#include <string_view>

#include "config/profiles.hpp"

namespace whylink::config {

/// By the profile that knows the host as the private or the public name of its service, else by the cloud's own domain that
/// the host lies in. Generic: the name does not tell.
Provider provider_of_name(std::string_view host);

}  // namespace whylink::config
