#include "config/userinfo.hpp"

#include <gtest/gtest.h>

namespace whylink::config {
namespace {

TEST(Userinfo, IsHiddenInAUrl) {
    EXPECT_EQ(hide_userinfo("redis://user:hunter2@db.example.com:6379/0"),
              "redis://***@db.example.com:6379/0");
    EXPECT_EQ(hide_userinfo("https://token@db.example.com"), "https://***@db.example.com");
    EXPECT_EQ(hide_userinfo("user:hunter2@db.example.com:6379"), "***@db.example.com:6379");
}

TEST(Userinfo, IsHiddenWhateverCharactersThePasswordHas) {
    EXPECT_EQ(hide_userinfo("redis://:hun/t er@2?#@db"), "redis://***@db");
    EXPECT_EQ(hide_userinfo("postgres://user:a://b@db"), "postgres://***@db");
}

TEST(Userinfo, IsNotSeenWhereThereIsNone) {
    for (const char* text :
         {"", "db.example.com:6379", "https://db.example.com/path", "alice@example.com", "@"}) {
        EXPECT_EQ(hide_userinfo(text), text);
    }
}

TEST(Userinfo, IsHiddenInEachWordOfASentence) {
    EXPECT_EQ(hide_userinfo_in(
                  "the arguments \"http://a:hunter2@b\" and c:hunter2@d were not expected\n see --help"),
              "the arguments \"http://***@b\" and ***@d were not expected\n see --help");
    EXPECT_EQ(hide_userinfo_in("nothing to hide: \"x\" "), "nothing to hide: \"x\" ");
}

}  // namespace
}  // namespace whylink::config
