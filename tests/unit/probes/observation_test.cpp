#include "probes/observation.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <variant>

namespace whylink::probes {
namespace {

template <class F>
Facts with_an_error(int error) {
    F facts;
    facts.error = error;
    return facts;
}

/// TcpFacts are in their place, TlsFacts and AppFacts are on the heap.
template <class F>
class KindOfFacts : public testing::Test {};
using Kinds = testing::Types<TcpFacts, TlsFacts, AppFacts>;
TYPED_TEST_SUITE(KindOfFacts, Kinds);

TYPED_TEST(KindOfFacts, IsFoundAsItselfAlone) {
    Facts facts = with_an_error<TypeParam>(7);
    EXPECT_TRUE(holds_alternative<TypeParam>(facts));
    EXPECT_EQ(get<TypeParam>(facts).error, 7);
    EXPECT_EQ(get_if<TypeParam>(&std::as_const(facts)), &get<TypeParam>(facts));
    EXPECT_EQ(get_if<DnsFacts>(&facts), nullptr);
    EXPECT_THROW(get<ListenerFacts>(facts), std::bad_variant_access);
    EXPECT_EQ(visit([](const auto& kind) { return kind.stage; }, std::as_const(facts)), TypeParam::stage);
}

TYPED_TEST(KindOfFacts, IsCopiedAsAValue) {
    const Facts facts = with_an_error<TypeParam>(7);
    Facts copy = facts;
    get<TypeParam>(copy).error = 8;
    EXPECT_EQ(get<TypeParam>(facts).error, 7);
    copy = facts;
    EXPECT_EQ(get<TypeParam>(copy).error, 7);
}

TYPED_TEST(KindOfFacts, TakesThePlaceOfAnother) {
    Facts facts;
    EXPECT_TRUE(holds_alternative<DnsFacts>(facts));
    facts.emplace<TypeParam>().error = 7;
    EXPECT_EQ(get<TypeParam>(facts).error, 7);
    facts = DnsFacts{};
    EXPECT_TRUE(holds_alternative<DnsFacts>(facts));
}

}  // namespace
}  // namespace whylink::probes
