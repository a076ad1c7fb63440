#include "daemon/report/human/canvas.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace whylink::daemon {
namespace {

TEST(Canvas, ColoursOnlyWhenAskedTo) {
    EXPECT_EQ(Canvas({100, false, true}).paint("bad", Ink::bad).text, "bad");
    EXPECT_EQ(Canvas({100, true, true}).paint("bad", Ink::bad).text, "\x1b[31mbad\x1b[0m");
}

TEST(Canvas, CellsAreAsWideAsTheirColumn) {
    const Painted cell = Canvas({100, true, true}).cell("é", 4, Ink::good);
    EXPECT_EQ(cell.width, 4U);
    EXPECT_EQ(cell.text, "\x1b[32mé\x1b[0m   ");
}

TEST(Canvas, HangsFurtherLinesUnderTheFirst) {
    Canvas canvas({44, false, true});
    canvas.hang({"lead: ", 6}, "one two three four five six seven eight nine");
    EXPECT_EQ(canvas.take(), "lead: one two three four five six seven\n      eight nine\n");
}

TEST(Canvas, NumbersStepsUnderTheirHeading) {
    Canvas canvas({100, false, true});
    canvas.heading("What to do", 2);
    canvas.steps(std::vector<std::string>{"Look.", "Act."}, 2);
    EXPECT_EQ(canvas.take(), "\n  What to do\n   1. Look.\n   2. Act.\n");
}

TEST(Canvas, EndsAtTheRightWhereBothHaveRoom) {
    Canvas canvas({80, false, true});
    canvas.ends(canvas.paint("left"), canvas.paint("right"), 12);
    canvas.ends(canvas.paint("longer"), canvas.paint("right"), 11);
    canvas.ends(canvas.paint("alone"), {}, 12);
    EXPECT_EQ(canvas.take(), "left   right\nlonger\n      right\nalone\n");
}

TEST(Canvas, TextEndsAtTheDesignWidthAndEvidenceAtTheTerminals) {
    EXPECT_EQ(Canvas({60, false, true}).text_edge(), 58U);
    EXPECT_EQ(Canvas({200, false, true}).text_edge(), 78U);
    EXPECT_EQ(Canvas({200, false, true}).evidence_edge(), 198U);
}

TEST(Canvas, ProseBreaksEvenALongWord) {
    Canvas canvas({80, false, true});
    canvas.prose(spaces(2), std::string(40, 'a') + " b", 40);
    EXPECT_EQ(canvas.take(), "  " + std::string(38, 'a') + "\n  aa\n  b\n");
    EXPECT_EQ(canvas.height(), 0U);
}

TEST(Canvas, LeavesNoBlanksAtTheEndOfALine) {
    Canvas canvas({100, false, true});
    canvas.line(canvas.cell("cell", 7));
    canvas.line();
    EXPECT_EQ(canvas.take(), "cell\n\n");
}

TEST(Canvas, IsHarmlessAndAsciiWhereTheTerminalIs) {
    EXPECT_EQ(Canvas({100, false, false}).paint("\x1b[2J it’s").text, "\\x1b[2J it's");
}

}  // namespace
}  // namespace whylink::daemon
