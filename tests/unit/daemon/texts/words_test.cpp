#include "daemon/texts/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "checks/table/cause.hpp"
#include "probes/observation.hpp"

namespace whylink::daemon {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

std::vector<std::string> slugs_in(std::string_view group) {
    std::vector<std::string> slugs;
    for (const WordsOfGroup& one : word_groups()) {
        for (const Word& word : one.words) {
            if (one.group.key == group) {
                slugs.push_back(word.slug);
            }
        }
    }
    return slugs;
}

template <Vocabulary E>
std::vector<std::string> words_of() {
    return {slugs_of<E>.begin(), slugs_of<E>.end()};
}

TEST(Words, TheVocabulariesOfADiagnosisAreThere) {
    EXPECT_THAT(slugs_in("severity"), testing::UnorderedElementsAreArray(words_of<checks::Severity>()));
    EXPECT_THAT(slugs_in("confidence"), testing::UnorderedElementsAreArray(words_of<checks::Confidence>()));
    EXPECT_THAT(words_of<probes::StreamEnd>(), IsSupersetOf(slugs_in("end")));
    EXPECT_THAT(slugs_in("end"), testing::UnorderedElementsAre("rst", "fin"));
}

TEST(Words, NoWordThatIsPrintedIsCalledPlanned) {
    for (const WordsOfGroup& one : word_groups()) {
        for (const Word& word : one.words) {
            EXPECT_EQ(word.planned, "") << word.slug;
        }
    }
}

/// A word with every key that is required, but `left_out`.
std::string word_without(std::string_view left_out) {
    std::string toml = "[severity.ok]\n";
    for (const std::string_view key : {"line", "meaning"}) {
        toml += key == left_out ? "" : std::string(key) + " = \"text\"\n";
    }
    return toml + (left_out == "example" ? "" : "example = [\"line\"]\n");
}

std::string mistake_in(const std::string& toml) {
    try {
        read_words({"words", toml});
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return "";
}

TEST(Words, SayWhatIsWrong) {
    EXPECT_EQ(mistake_in(word_without("")), "");
    EXPECT_EQ(mistake_in(word_without("line")), "words.toml, severity.ok: there is no line");
    EXPECT_EQ(mistake_in(word_without("meaning")), "words.toml, severity.ok: there is no meaning");
    EXPECT_EQ(mistake_in(word_without("example")), "words.toml, severity.ok: there is no example");
    EXPECT_EQ(mistake_in(word_without("") + "setp = []\n"), "words.toml, severity.ok: unknown key setp");
    EXPECT_EQ(mistake_in("[urgency.ok]\n"), "words.toml: no group is urgency");
    EXPECT_EQ(mistake_in("severity = 1\n"), "words.toml, severity: must be a table; found 1");
    EXPECT_EQ(mistake_in("[severity]\nok = 1\n"), "words.toml, severity.ok: must be a table; found 1");
}

TEST(Words, StandInTheOrderOfTheirFile) {
    EXPECT_THAT(slugs_in("severity"), ElementsAre("ok", "warning", "critical"));
}

}  // namespace
}  // namespace whylink::daemon
