#include "probes/capture/filter.hpp"

namespace whylink::probes {

struct CompiledFilter::Impl {};
CompiledFilter::CompiledFilter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CompiledFilter::~CompiledFilter() = default;
std::size_t CompiledFilter::instructions() const {
    return 0;
}
std::string filter_text(const FilterWish& /*wish*/) {
    return {};
}
std::variant<CompiledFilterPtr, std::string> compile_filter(const std::string& /*text*/, LinkType /*link*/,
                                                            int /*snapshot_length*/) {
    return std::string();
}

}  // namespace whylink::probes
