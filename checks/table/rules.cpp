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
        joined<Row>({name_rules(), traffic_rules(), follow_up_rules(), application_rules(), address_rules(),
                     silent_application_rules(), remaining_rules()});
    return rows;
}

std::span<const Doubt> doubts() {
    static const std::vector<Doubt> all = joined<Doubt>({connection_doubts(), application_doubts()});
    return all;
}

}  // namespace whylink::checks
