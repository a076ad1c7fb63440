#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

std::string_view word(TargetKind kind) {
    return kind == TargetKind::endpoint ? "endpoint" : kind == TargetKind::zone ? "zone" : "watch";
}

}  // namespace whylink::daemon
