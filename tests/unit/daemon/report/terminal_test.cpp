#include "daemon/report/human/terminal.hpp"

#include <gtest/gtest.h>

namespace whylink::daemon {
namespace {

struct Row {
    ColorChoice choice = ColorChoice::automatic;
    bool is_terminal = false;
    ColorEnvironment environment{};
    bool wanted = false;
};

TEST(WantsColor, TakesTheChoiceThenTheEnvironmentThenTheTerminal) {
    const ColorEnvironment plain{.no_color = "", .clicolor_force = "", .term = "xterm"};
    const ColorEnvironment no_color{.no_color = "1", .clicolor_force = "1", .term = "xterm"};
    const ColorEnvironment dumb{.no_color = "", .clicolor_force = "1", .term = "dumb"};
    const ColorEnvironment forced{.no_color = "", .clicolor_force = "1", .term = ""};
    const ColorEnvironment not_forced{.no_color = "", .clicolor_force = "0", .term = ""};
    const Row rows[] = {
        {ColorChoice::automatic, true, plain, true},      {ColorChoice::automatic, false, plain, false},
        {ColorChoice::automatic, true, no_color, false},  {ColorChoice::automatic, true, dumb, false},
        {ColorChoice::automatic, false, forced, true},    {ColorChoice::automatic, false, not_forced, false},
        {ColorChoice::automatic, true, not_forced, true}, {ColorChoice::always, false, no_color, true},
        {ColorChoice::always, false, dumb, true},         {ColorChoice::never, true, forced, false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(wants_color(row.choice, row.is_terminal, row.environment), row.wanted)
            << slug(row.choice) << (row.is_terminal ? ", a terminal, " : ", no terminal, ")
            << "NO_COLOR=" << row.environment.no_color << " CLICOLOR_FORCE=" << row.environment.clicolor_force
            << " TERM=" << row.environment.term;
    }
}

}  // namespace
}  // namespace whylink::daemon
