#include "daemon/commands/chosen_accounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/temporary_file.hpp"

namespace whylink::daemon {
namespace {

using config::AccountProvider;
using fabricated::TemporaryFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

config::Target target(std::string profile) {
    config::Endpoint endpoint;
    endpoint.name = "a";
    endpoint.profile = std::move(profile);
    return endpoint;
}

config::Account account(std::string name) {
    config::Account made;
    made.name = std::move(name);
    return made;
}

constexpr auto two_accounts =
    "daemon.allow_empty = true\n"
    "[[account]]\nname = \"acme\"\nprovider = \"aws\"\n"
    "[[account]]\nname = \"other\"\nprovider = \"azure\"\n";

TEST(ChosenAccounts, NoneUnlessTheyAreAskedFor) {
    const auto chosen = chosen_accounts(DiagnoseCommand(), target("aws"), "/nowhere.toml");
    EXPECT_TRUE(std::get<AccountOptions>(chosen).empty()) << "no configuration is needed";
}

TEST(ChosenAccounts, ByNameFromTheConfiguration) {
    const TemporaryFile file(two_accounts);
    DiagnoseCommand command;
    command.accounts = {"other"};
    const auto chosen = std::get<AccountOptions>(chosen_accounts(command, target("aws"), file.path()));
    ASSERT_THAT(chosen.accounts, SizeIs(1));
    EXPECT_EQ(chosen.accounts[0].name, "other");
    EXPECT_TRUE(chosen.for_every_target) << "whoever names it knows that it fits";
}

TEST(ChosenAccounts, AnUnknownNameIsAMistake) {
    const TemporaryFile file(two_accounts);
    DiagnoseCommand command;
    command.accounts = {"acm"};
    const auto chosen = chosen_accounts(command, target("aws"), file.path());
    EXPECT_THAT(std::get<std::vector<std::string>>(chosen),
                ElementsAre("--account: no [[account]] is named \"acm\"; did you mean \"acme\"?"));
}

TEST(ChosenAccounts, AConfigurationThatCannotBeReadIsAMistake) {
    DiagnoseCommand command;
    command.accounts = {"acme"};
    const auto chosen = chosen_accounts(command, target("aws"), "/nowhere.toml");
    EXPECT_THAT(std::get<std::vector<std::string>>(chosen), ElementsAre(HasSubstr("/nowhere.toml")));
}

TEST(ChosenAccounts, ControlIsThatOfTheLinksProvider) {
    DiagnoseCommand command;
    command.control = true;
    const auto chosen = std::get<AccountOptions>(chosen_accounts(command, target("emqx-azure"), ""));
    ASSERT_THAT(chosen.accounts, SizeIs(1));
    EXPECT_EQ(chosen.accounts[0].provider, AccountProvider::azure);
    EXPECT_EQ(chosen.accounts[0].name, "azure");
    EXPECT_TRUE(chosen.accounts[0].interactive);
}

TEST(ChosenAccounts, WhereNeedsNoAccount) {
    DiagnoseCommand command;
    command.where = true;
    const auto chosen = std::get<AccountOptions>(chosen_accounts(command, target("aws"), ""));
    EXPECT_THAT(chosen.accounts, IsEmpty());
    EXPECT_FALSE(chosen.empty());
}

TEST(ChosenAccounts, CheckTakesAllAndAsksWhichFit) {
    config::Config config;
    config.accounts = {account("a"), account("b")};
    config.daemon.metadata = true;
    const AccountOptions chosen = configured_accounts(config);
    EXPECT_THAT(chosen.accounts, SizeIs(2));
    EXPECT_TRUE(chosen.where);
    EXPECT_FALSE(chosen.for_every_target);
}

TEST(ChosenAccounts, TheServiceIsAskedForItsOwnCredentialsOnly) {
    config::Account by_path = account("a");
    by_path.key_secret_file = "/etc/keys/a";
    EXPECT_EQ(client_for({by_path}).socket, "") << "the user's own reader can read it, or nobody";
    config::Account by_credential = account("b");
    by_credential.key_secret_file = "clickhouse-key";
    EXPECT_EQ(client_for({by_path, by_credential}).socket, control::socket_path);
}

}  // namespace
}  // namespace whylink::daemon
