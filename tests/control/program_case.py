"""A test that runs whylink-control: its readers, its log, and at the end a search for secrets in all that it said."""

import json
import os
import unittest

from reader import Reader

PROGRAM = os.environ.get("WHYLINK_CONTROL")
# A part of every secret of these tests.
PLANTED = "planted"


class ProgramCase(unittest.TestCase):
    """`place` and `cloud` are the class's; `secrets` has what no text may have beside what is planted."""

    account = {}
    place = cloud = None

    def setUp(self):
        self.cloud.complaints.clear()
        self.cloud.requests.clear()
        self.log = self.place.path("control.log")
        open(self.log, "wb").close()
        self.texts = []
        self.secrets = []
        self._readers = []

    def tearDown(self):
        for reader in self._readers:
            self.assertEqual(reader.close(), 0)
        with open(self.log, encoding="utf-8", errors="replace") as file:
            said = "\n".join([*self.texts, file.read()])
        for secret in [PLANTED, *self.secrets]:
            self.assertNotIn(secret, said)
        self.assertEqual(self.cloud.complaints, [])

    def start(self, **environment):
        sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        reader = Reader(PROGRAM, {"PATH": "/usr/bin:/bin", **sanitizers, **environment}, self.log)
        self._readers.append(reader)
        return reader

    def read(self, *subjects, reader=None, account=None, **more):
        readings = (reader or self.start()).read({**self.account, **(account or {})}, *subjects, **more)
        self.texts.append(readings.text)
        return readings

    def check(self, reader=None, account=None):
        answer = (reader or self.start()).check({**self.account, **(account or {})})
        self.texts.append(json.dumps(answer))
        return answer


def results(answer):
    """Of an account check: how each read ended, by its permission."""
    return {row.get("permission", ""): row.get("result", "ok") for row in answer["access"]}
