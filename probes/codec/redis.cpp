#include "probes/codec/codec.hpp"

namespace whylink::probes {
namespace {

class Unspoken : public Codec {
  public:
    Next start(std::string&) override { return Next::done; }
    Next received(std::string_view, std::string&) override { return Next::done; }
    void report(AppFacts& facts) const override { facts.protocol = "redis"; }
};

}  // namespace

std::unique_ptr<Codec> make_redis(const AppRequest&) {
    return std::make_unique<Unspoken>();
}

}  // namespace whylink::probes
