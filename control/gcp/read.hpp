// GCP's accounts are accepted and not read yet: each read says so. Its readers come here, like those of the others.
#pragma once

#include "control/reading.hpp"

namespace whylink::control {

Readings read_gcp(const Reading& reading);
CheckAnswer check_gcp(const Reading& reading);

}  // namespace whylink::control
