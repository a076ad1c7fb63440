"""The checker of texts: what it finds, and what it lets pass."""

import unittest

import texts_test as checker


def findings(text, limit=25, **kind):
    return list(checker.findings_of(checker.Text("here", text, limit, **kind), {"host"}))


class Rules(unittest.TestCase):
    def test_sentences_are_counted_one_by_one(self):
        self.assertEqual(findings("Check {host}. Then " + "word " * 23 + "end."), [])
        self.assertRegex(findings("word " * 26 + "end.")[0], "^27 words, at most 25")

    def test_a_command_is_one_word(self):
        self.assertEqual(findings("Run `" + "word " * 40 + "` here."), [])

    def test_a_slug_or_the_program_begins_a_sentence(self):
        for begin in ("unknown_ca", "whylink"):
            self.assertEqual(findings("word " * 20 + f"end. {begin} " + "word " * 20), [])

    def test_steps_begin_with_a_verb(self):
        for step in ("Check the record.", "AWS: check the record.", "When {host} is public, use the private name.",
                     "Service side: when it is down, restart it.", "Or remove the entry.", "{host}"):
            self.assertEqual(findings(step, is_step=True), [], step)
        for step in ("The record must exist.", "When it fails, the record is missing.", "AWS: the state must be available.",
                     "See the log."):
            self.assertEqual(len(findings(step, is_step=True)), 1, step)

    def test_banned_words_are_found_outside_of_code(self):
        self.assertRegex(findings("An experiment failed.")[0], "follow-up test")
        self.assertEqual(findings("Set `experiments = false`."), [])
        self.assertEqual(findings("The product Front Door works."), [])
        self.assertEqual(len(findings("The front door works.")), 1)

    def test_some_words_are_banned_in_titles_alone(self):
        self.assertEqual(findings("The name does not exist here."), [])
        self.assertEqual(len(findings("does not exist here", is_title=True)), 1)

    def test_titles_are_short(self):
        self.assertEqual(findings("RST from a middlebox", is_title=True), [])
        self.assertEqual(len(findings("a title of six words here", is_title=True)), 1)

    def test_placeholders_are_known(self):
        self.assertEqual(findings("Connect to {host}."), [])
        self.assertEqual(findings("Connect to {hots}."), ["unknown placeholder {hots}"])


if __name__ == "__main__":
    unittest.main()
