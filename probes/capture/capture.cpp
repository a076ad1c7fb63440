#include "probes/capture/capture.hpp"

namespace whylink::probes {

struct Capture::Impl {};
std::variant<std::unique_ptr<Capture>, LocalError> Capture::open(const asio::any_io_executor& /*executor*/,
                                                                 const CaptureSettings& /*settings*/,
                                                                 Handlers /*handlers*/) {
    return LocalError{"capture", 1, "not built"};
}
Capture::Capture(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Capture::~Capture() = default;
LinkType Capture::link() const {
    return LinkType::cooked_v2;
}
const CaptureSettings& Capture::settings() const {
    static const CaptureSettings none;
    return none;
}
std::optional<std::string> Capture::set_filter(CompiledFilterPtr /*filter*/) {
    return std::nullopt;
}
void Capture::drain() {}
CaptureCounts Capture::counts() {
    return {};
}
bool Capture::up() const {
    return false;
}
bool Capture::everywhere() const {
    return false;
}

}  // namespace whylink::probes
