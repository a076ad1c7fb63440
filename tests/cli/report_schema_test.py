"""Holds packets and watches of the JSON report, and its schema, to each other: nothing of one is missing in the other."""

import json
import os
import subprocess
import unittest

import jsonschema

with open(os.environ["WHYLINK_SCHEMA"], encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)


class ReportSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([os.environ["WHYLINK_FULL_REPORT"]], stdout=subprocess.PIPE, timeout=60, check=True).stdout
        cls.report = json.loads(text)

    def properties(self, *path):
        schema = SCHEMA["$defs"]
        for key in path:
            schema = schema[key]
        return set(schema["properties"])

    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_everything_is_as_the_schema_says(self):
        jsonschema.Draft202012Validator(SCHEMA).validate(self.report)

    def test_everything_of_a_connection_is_there(self):
        packets = self.report["endpoints"][0]["packets"]
        self.assertEqual(set(packets["10.0.0.4"]), self.properties("connection_packets"))
        self.assertEqual(set(packets["10.0.0.4"]["resets"][0]),
                         self.properties("connection_packets", "properties", "resets", "items"))
        self.assertEqual(set(packets["10.0.0.4"]["icmp"][0]),
                         self.properties("connection_packets", "properties", "icmp", "items"))
        # What is always there, is there of what never happened too.
        self.assertEqual(set(packets["fd00::4"]), set(SCHEMA["$defs"]["connection_packets"]["required"]))

    def test_everything_of_a_watch_is_there(self):
        inbound, outbound = self.report["watches"]
        self.assertEqual(set(inbound), self.properties("watch"))
        listener, packets = inbound["probes"]
        self.assertEqual(set(listener), self.properties("listener_probe") - {"local_error"})
        self.assertEqual(set(packets), self.properties("packets_probe") - {"local_error"})
        self.assertEqual(set(packets["peers"][0]), self.properties("packets_probe", "properties", "peers", "items"))
        self.assertEqual(set(listener["sockets"][0]), self.properties("listener_probe", "properties", "sockets", "items"))
        self.assertEqual(set(packets["proxy_header"]),
                         self.properties("packets_probe", "properties", "proxy_header"))
        self.assertIsNone(outbound["port"])
        for probe in outbound["probes"]:
            self.assertIn("local_error", probe)

    def test_everything_of_accounts_is_there(self):
        self.assertEqual(set(self.report["host"]["where"]), self.properties("where"))
        answered, refused = self.report["endpoints"][0]["control"]
        self.assertEqual(set(answered) | set(refused), self.properties("read"))
        self.assertEqual(set(answered), set(SCHEMA["$defs"]["read"]["required"]))


if __name__ == "__main__":
    unittest.main()
