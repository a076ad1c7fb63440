#include "checks/table/rules.hpp"

#include <vector>

#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

template <class T>
std::vector<T> joined(std::initializer_list<std::span<const T>> parts) {
    std::vector<T> all;
    for (const std::span<const T> part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

static_assert(count_of<Fact> <= FactSet::capacity);

}  // namespace

std::span<const Row> rules() {
    static const std::vector<Row> rows =
        joined<Row>({own_network_rules(),  answer_rules(),    account_name_rules(),
                     name_rules(),         resolver_rules(),  account_traffic_rules(),
                     traffic_rules(),      this_host_rules(), packet_rules(),
                     account_rules(),      follow_up_rules(), certificate_rules(),
                     application_rules(),  address_rules(),   silent_application_rules(),
                     next_hop_rules(),     lookup_warnings(), warning_rules(),
                     slow_connect_rules(), remaining_rules()});
    return rows;
}

std::span<const Doubt> doubts() {
    static const std::vector<Doubt> all =
        joined<Doubt>({connection_doubts(), certificate_doubts(), this_host_doubts(), packet_doubts(),
                       application_doubts(), next_hop_doubts(), past_doubts(), account_doubts()});
    return all;
}

}  // namespace whylink::checks
