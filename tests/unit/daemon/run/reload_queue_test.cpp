#include "daemon/run/reload_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReloadQueueTest : public testing::Test {
  protected:
    ReloadQueue::Answer named(const std::string& name) {
        return [this, name](const http::ReloadResult& result) {
            answers.push_back(name + " " + result.lines.at(0));
        };
    }
    void end(const std::string& line) { queue.done({true, {line}}); }

    int begun = 0;
    std::vector<std::string> answers;
    ReloadQueue queue{[this] { ++begun; }};
};

TEST_F(ReloadQueueTest, BeginsAtOnceAndAnswersAtTheEnd) {
    queue.ask(named("a"));
    EXPECT_EQ(begun, 1);
    EXPECT_TRUE(queue.under_way());
    EXPECT_THAT(answers, IsEmpty());
    end("first");
    EXPECT_THAT(answers, ElementsAre("a first"));
    EXPECT_FALSE(queue.under_way());
    EXPECT_EQ(begun, 1);
}

TEST_F(ReloadQueueTest, WhoAsksMeanwhileGetsTheNextOneForAll) {
    queue.ask(named("a"));
    queue.ask(named("b"));
    queue.ask(named("c"));
    EXPECT_EQ(begun, 1);
    end("first");
    EXPECT_THAT(answers, ElementsAre("a first"));
    EXPECT_EQ(begun, 2);
    end("second");
    EXPECT_THAT(answers, ElementsAre("a first", "b second", "c second"));
    EXPECT_EQ(begun, 2);
    EXPECT_FALSE(queue.under_way());
}

TEST_F(ReloadQueueTest, AnAskerMayAskAgain) {
    queue.ask([this](const http::ReloadResult&) { queue.ask(named("again")); });
    end("first");
    EXPECT_EQ(begun, 2);
    end("second");
    EXPECT_THAT(answers, ElementsAre("again second"));
    EXPECT_FALSE(queue.under_way());
}

TEST_F(ReloadQueueTest, AnAskerMayAskAgainWhileOthersWait) {
    queue.ask([this](const http::ReloadResult&) { queue.ask(named("again")); });
    queue.ask(named("other"));
    end("first");
    EXPECT_EQ(begun, 2);
    end("second");
    EXPECT_THAT(answers, ElementsAre("other second", "again second"));
    EXPECT_EQ(begun, 2);
    EXPECT_FALSE(queue.under_way());
}

TEST_F(ReloadQueueTest, AReloadMayEndWithinItsBeginning) {
    ReloadQueue instant([&] { instant.done({false, {"refused"}}); });
    instant.ask(named("a"));
    EXPECT_THAT(answers, ElementsAre("a refused"));
    EXPECT_FALSE(instant.under_way());
}

}  // namespace
}  // namespace whylink::daemon
