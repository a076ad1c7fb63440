#!/usr/bin/env python3
"""APIs that fail in every way while two links are down: the diagnosis is the one without accounts, and it comes in time."""

import subprocess
import unittest

from lab import ENDPOINT_ADDRESS, ON_AZURE, Lab, Names, aws_world, azure_world, cloud, endpoint, namespace

ON_AWS = "abcd.eu-west-1.vpce.aws.clickhouse.cloud"
# Reading may end so long after the round; the rest is for the programs to start on a machine that does more.
AFTER_THE_ROUND = 2
SLACK = 6
SILENT_API = "198.18.0.3"
NOWHERE = "198.18.7.7"  # without a route


def answers(*response, **headers):
    return lambda _: cloud.Response(*response, {name.replace("_", "-"): value for name, value in headers.items()})


class Faults(Lab):
    def setUp(self):
        super().setUp()
        names = Names(self, {azure_world.HOST: ENDPOINT_ADDRESS, ON_AWS: ENDPOINT_ADDRESS})
        self.targets = (endpoint("clickhouse-azure", azure_world.HOST, names.resolver, "on-azure") +
                        endpoint("clickhouse-aws", ON_AWS, names.resolver, "on-aws"))
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        if not hasattr(Faults, "without"):
            Faults.without = self.report(self.targets)

    def check(self, result):
        """`result`: how reads end, those that were made."""
        self.clickhouse.forget_requests()
        report = self.report(self.targets + self.accounts())
        self.assertEqual(len(report.entries), 2)
        for index, entry in enumerate(report.entries):
            self.assertEqual(report.diagnosis(index), self.without.diagnosis(index))
            results = {read["result"] for read in entry["control"]}
            self.assertIn(result, results, entry["control"])
            self.assertTrue(results.isdisjoint({"ok", "not_found"}), entry["control"])
        self.assertLess(report.seconds, self.without.seconds + AFTER_THE_ROUND + SLACK)

    def every_api(self, route):
        self.cloud.routes = dict.fromkeys(self.cloud.routes, route)

    def moved_to(self, address):
        """The names of the APIs have another address."""
        hosts = self.place.path("hosts")
        with open(hosts, encoding="ascii") as file:
            right = file.read()
        self.place.write("hosts", right.replace(namespace.API, address))
        self.addCleanup(self.place.write, "hosts", right)

    def test_all_is_well(self):
        """The same links, so that the rest proves something: here the account changes the diagnosis."""
        report = self.report_with_accounts(self.targets)
        self.assertEqual([report.diagnosis(index)["cause"] for index in range(2)], ["connection_pending"] * 2)

    def test_no_route(self):
        self.moved_to(NOWHERE)
        self.check("unreachable")

    def test_refused(self):
        self.moved_to(namespace.WRONG_API)
        self.check("unreachable")

    def test_no_answer_to_the_syn(self):
        self.far.drops(SILENT_API)
        self.moved_to(SILENT_API)
        self.check("unreachable")

    def test_slow(self):
        self.every_api(cloud.slow(60))
        self.check("unreachable")

    def test_a_certificate_of_another_authority(self):
        other = cloud.Cloud()
        other.serve(namespace.WRONG_API, 443, self.place.wrong_certificate)
        self.addCleanup(other.stop)
        self.moved_to(namespace.WRONG_API)
        self.check("unreachable")
        self.assertEqual(other.requests, [])

    def test_a_certificate_of_another_name(self):
        other = cloud.Cloud()
        other.serve(namespace.WRONG_API, 443, self.place.other_certificate)
        self.addCleanup(other.stop)
        self.moved_to(namespace.WRONG_API)
        self.check("unreachable")
        self.assertEqual(other.requests, [])

    def test_401(self):
        self.every_api(answers(401, ""))
        self.check("credentials")

    def test_403(self):
        self.every_api(answers(403, ""))
        self.check("forbidden")

    def test_429(self):
        self.every_api(answers(429, "", Retry_After="600"))
        self.check("throttled")

    def test_500(self):
        self.every_api(answers(500, ""))
        self.check("error")

    def test_garbage(self):
        self.every_api(answers(200, b"\x00\xff<html>"))
        self.check("error")

    def test_endless(self):
        self.every_api(lambda _: cloud.Endless(200))
        self.check("error")


def main():
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
