#!/usr/bin/env python3
"""whylink-control reads ClickHouse Cloud from a fake that owns its real name."""

import base64
import json
import sys
import unittest

import clickhouse
import cloud
import namespace
from program_case import PROGRAM, ProgramCase, results

KEY = "key-id-1"
SECRET = "planted-key-secret-0123456789abcdef"
ENDPOINT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"
TARGET = {"target": "clickhouse", "vendor": "clickhouse", "host": clickhouse.PRIVATE_HOST, "port": 9440}
SERVICES = "control-plane:service:view"
CONFIG = "control-plane:service:view-private-endpoints"


class Fakes(unittest.TestCase):
    """The fake answers as the API does, and complains of what nobody should send."""

    def setUp(self):
        self.complaints = []
        self.api = clickhouse.ClickHouse(self.complaints, [clickhouse.service(), clickhouse.service("two")])
        self.api.keys = {KEY: SECRET}

    def ask(self, path, method="GET", query="", secret=SECRET):
        pair = base64.b64encode(f"{KEY}:{secret}".encode()).decode()
        headers = {"authorization": f"Basic {pair}"}
        response = self.api(cloud.Request(method, clickhouse.HOST, path, query, headers, b""))
        return response.status, json.loads(response.content()), response.headers

    def test_reads(self):
        self.assertEqual(self.ask("/v1/organizations")[1]["result"][0]["id"], clickhouse.ORGANIZATION)
        base = f"/v1/organizations/{clickhouse.ORGANIZATION}"
        self.assertEqual(len(self.ask(f"{base}/services")[1]["result"]), 2)
        self.assertEqual(self.ask(f"{base}/services/none/privateEndpointConfig")[0], 404)
        self.api.page_size = 1
        cursor = self.ask(f"{base}/services")[1]["nextCursor"]
        self.assertEqual(self.ask(f"{base}/services", query=f"cursor={cursor}")[1]["result"][0]["id"], "two")

    def test_refusals(self):
        self.assertEqual(self.ask("/v1/organizations", secret="wrong")[0], 401)
        self.api.denied = {"control-plane:organization:view"}
        self.assertEqual(self.ask("/v1/organizations")[0], 403)

    def test_a_quota(self):
        answers = [self.ask("/v1/organizations") for _ in range(clickhouse.QUOTA + 1)]
        self.assertEqual([status for status, _, _ in answers], [200] * clickhouse.QUOTA + [429])
        self.assertEqual(answers[-1][2]["X-RateLimit-Reset"], "10")
        self.assertEqual(len(self.complaints), 1)

    def test_complaints(self):
        for method, path in (("PATCH", f"/v1/organizations/{clickhouse.ORGANIZATION}/services/two/state"),
                             ("POST", "/v1/organizations"), ("GET", "/v1/keys")):
            self.ask(path, method=method)
        self.assertEqual(len(self.complaints), 3)


class Program(ProgramCase):
    """With a key pair whose secret is in a file."""

    def setUp(self):
        if not hasattr(ProgramCase, "clickhouse_place"):
            ProgramCase.clickhouse_place = namespace.Place([clickhouse.HOST])
            ProgramCase.clickhouse_cloud = cloud.Cloud()
            ProgramCase.clickhouse_cloud.serve(namespace.API, 443, ProgramCase.clickhouse_place.certificate)
        self.place, self.cloud = ProgramCase.clickhouse_place, ProgramCase.clickhouse_cloud
        super().setUp()
        self.api = clickhouse.ClickHouse(self.cloud.complaints)
        self.api.keys = {KEY: SECRET}
        self.cloud.routes = {clickhouse.HOST: self.api}
        self.secrets = [base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()]
        self.account = {"name": "acme-clickhouse", "provider": "clickhouse", "key_id": KEY,
                        "key_secret_file": self.place.write("secret", SECRET + "\n")}


class Services(Program):
    def test_the_service_of_a_host(self):
        self.api.services = [clickhouse.service(allowed=[ENDPOINT])]
        readings = self.read(TARGET)
        service = readings.facts["vendor_services"][0]
        self.assertEqual(service["allow_list"], {"items": [ENDPOINT], "complete": True})
        self.assertEqual((service["private_host"], service["endpoint_service"], service["state"]),
                         (clickhouse.PRIVATE_HOST, clickhouse.ENDPOINT_SERVICE, "running"))
        self.assertEqual(readings.words("service")["privateEndpointIds"], ENDPOINT)

    def test_an_empty_list_is_complete(self):
        self.assertEqual(self.read(TARGET).facts["vendor_services"][0]["allow_list"], {"complete": True})

    def test_each_state(self):
        for word, state in (("stopped", "stopped"), ("idle", "idle"), ("awaking", "starting"), ("new-word", None)):
            with self.subTest(word):
                self.api.forget_requests()
                self.api.services = [clickhouse.service(state=word)]
                service = self.read(TARGET).facts["vendor_services"][0]
                self.assertEqual((service.get("state"), service["state_word"]), (state, word))

    def test_pages(self):
        self.api.services = [clickhouse.service("zero", "zero.westus3.azure.clickhouse.cloud"), clickhouse.service()]
        self.api.page_size = 1
        readings = self.read(TARGET)
        self.assertEqual(len(readings.facts["vendor_services"]), 2)
        self.assertEqual(len(readings.facts["complete"]), 1)

    def test_memory_saves_calls(self):
        reader = self.start()
        for _ in range(3):
            self.assertEqual(self.read(TARGET, reader=reader).results("service"), {"ok"})
        self.assertEqual(len(self.api.asked), 3)


class Faults(Program):
    def test_a_permission_takes_away_one_fact(self):
        for names in (True, False):
            with self.subTest(names):
                self.api.denied, self.api.names_permission = {CONFIG}, names
                readings = self.read(TARGET)
                self.assertIn(CONFIG, readings.detail("private_endpoint_config"))
                self.assertEqual(readings.words("service")["state"], "running")

    def test_a_key_that_is_wrong(self):
        self.api.keys = {KEY: "another"}
        readings = self.read(TARGET)
        self.assertEqual(readings.results("organization"), {"credentials"})
        self.assertIn("IP access list", readings.detail("organization"))

    def test_a_key_that_is_replaced(self):
        self.api.keys = {KEY: "planted-new-key-secret-0123456789"}
        reader = self.start()
        self.read(TARGET, reader=reader)
        self.place.write("secret", self.api.keys[KEY] + "\n")
        self.assertEqual(self.read(TARGET, reader=reader).results("service"), {"ok"})

    def test_throttled(self):
        self.api.instead = {"control-plane:organization:view": cloud.Response(
            429, '{"status": 429, "error": "Too many requests"}', {"X-RateLimit-Reset": "600"})}
        self.assertEqual(self.read(TARGET).results("organization"), {"throttled"})
        self.assertEqual(len(self.api.asked), 1)

    def test_answers_that_are_none(self):
        for name, response in (("garbage", cloud.Response(200, "<html>")), ("cut", cloud.Cut(200, '{"result": [')),
                               ("deep", cloud.Response(200, "[" * 100_000)), ("endless", cloud.Endless(200)),
                               ("another type", cloud.Response(200, '{"result": 7}'))):
            with self.subTest(name):
                self.api.forget_requests()
                self.api.instead = {SERVICES: response}
                self.assertEqual(self.read(TARGET).results("service"), {"error"})


class Check(Program):
    def test_all_is_readable(self):
        answer = self.check()
        self.assertEqual(set(results(answer).values()), {"ok"})
        self.assertIn(clickhouse.ORGANIZATION, answer["identity"])
        self.assertEqual(answer["source"], "key_secret_file")

    def test_what_is_missing(self):
        self.api.denied = {CONFIG}
        answer = self.check()
        self.assertEqual(results(answer)[CONFIG], "forbidden")
        self.assertEqual(answer["policy"].split(), [CONFIG])


def main():
    if PROGRAM is None:
        unittest.main(argv=[sys.argv[0], "Fakes", *sys.argv[1:]])
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
