#!/usr/bin/env python3
"""whylink-control reads a subscription of Azure from fakes that own the real names and addresses."""

import json
import os
import re
import sys
import time
import unittest

import azure
import azure_world as world
import cloud
import namespace
from program_case import PROGRAM, ProgramCase, results

SECRET = "planted-client-secret-0123456789abcdef"
TARGET = {"target": "clickhouse", "host": world.HOST, "port": 9440, "addresses": ["10.0.3.7"], "sources": ["10.0.3.10"]}
WATCH = {"target": "mqtt", "side": "provider", "service": world.SERVICE}
NOT_CONFIGURED = {"client_secret_file": "", "tenant_id": "", "client_id": ""}
ENDPOINTS = "Microsoft.Network/privateEndpoints/read"


TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../control/http/operations.cpp")
# Operation, path with the macro before it, permission, and the name of a version.
ROW = re.compile(r'^    (arm|arm_post)\((\w+),\s+((?:GROUP|SUBSCRIPTION)\s+)?"([^"]+)",\s+"([^"]+)"(?:,\s+(\w+))?\)',
                 re.MULTILINE)
VERSION = re.compile(r'(\w+_version) = "([^"]+)"')


def fakes(complaints):
    tokens = azure.Tokens()
    return azure.Arm(world.world(), tokens, complaints), azure.Entra(world.TENANT, tokens, complaints), \
        azure.AzureMetadata(tokens, complaints)


class Fakes(unittest.TestCase):
    """The fakes answer as Azure does, and complain of what nobody should send."""

    def setUp(self):
        self.complaints = []
        self.arm, self.entra, self.metadata = fakes(self.complaints)
        self.token = self.arm.tokens.give(world.APPLICATION)

    def ask(self, path, method="GET", version=azure.NETWORK_VERSION, query="", token=None):
        request = cloud.Request(method, azure.MANAGEMENT, path, f"api-version={version}{query}",
                                {"authorization": f"Bearer {self.token if token is None else token}"}, b"")
        response = self.arm(request)
        return response.status, json.loads(response.content() or b"{}"), response.headers

    def test_one_resource_and_a_list(self):
        listing = f"/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Network/privateEndpoints"
        for path in (listing, listing.upper().replace("/PROVIDERS", "/providers")):
            status, content, _ = self.ask(path)
            self.assertEqual((status, [one["id"] for one in content["value"]]), (200, [world.ENDPOINT]))
        self.assertEqual(self.ask(world.ENDPOINT)[1]["properties"]["resourceGuid"], world.GUID)
        self.assertEqual(len(self.ask(world.ZONE_ID + "/virtualNetworkLinks", version="2024-06-01")[1]["value"]), 1)

    def test_pages(self):
        self.arm.resources |= {one["id"].lower(): one for one in
                               (world.endpoint(world.network(f"privateEndpoints/pe{number}")) for number in range(4))}
        self.arm.page_size = 2
        path, query, found = f"/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Network/privateEndpoints", "", []
        for _ in range(3):
            _, content, _ = self.ask(path, query=query)
            found += [one["name"] for one in content["value"]]
            query = "&" + content.get("nextLink", "&").partition("&")[2]
        self.assertEqual(sorted(found), ["pe", "pe0", "pe1", "pe2", "pe3"])

    def test_absence(self):
        for path, version, code in ((world.network("privateEndpoints/none"), azure.NETWORK_VERSION, "ResourceNotFound"),
                                    (world.ZONE_ID + "/A/none", "2024-06-01", "NotFound"),
                                    (world.network("virtualNetworks/none/subnets/n"), azure.NETWORK_VERSION,
                                     "ParentResourceNotFound"),
                                    (world.ENDPOINT.replace("/rg/", "/other/"), azure.NETWORK_VERSION,
                                     "ResourceGroupNotFound")):
            status, content, _ = self.ask(path, version=version)
            self.assertEqual((status, content["error"]["code"]), (404, code))

    def test_refusals(self):
        self.assertEqual(self.ask(world.ENDPOINT, token="wrong")[1]["error"]["code"], "InvalidAuthenticationToken")
        self.arm.denied = {ENDPOINTS}
        self.assertIn(f"'{ENDPOINTS}'", self.ask(world.ENDPOINT)[1]["error"]["message"])
        self.arm.denied = set()
        self.arm.throttled = {ENDPOINTS: 1}
        status, _, headers = self.ask(world.ENDPOINT)
        self.assertEqual((status, headers["Retry-After"]), (429, "1"))
        self.arm.tokens.expire()
        self.assertEqual(self.ask(world.ENDPOINT)[1]["error"]["code"], "ExpiredAuthenticationToken")

    def test_what_azure_computes(self):
        world.effective(self.arm)
        status, _, headers = self.ask(world.MACHINE_NIC + "/effectiveRouteTable", method="POST")
        self.assertEqual(status, 202)
        path = headers["Location"].removeprefix("https://" + azure.MANAGEMENT).partition("?")[0]
        self.assertEqual(self.ask(path)[0], 202)
        self.assertEqual(self.ask(path)[1]["value"][0]["nextHopType"], "InterfaceEndpoint")

    def test_complaints(self):
        for method, path, version in (("DELETE", world.ENDPOINT, azure.NETWORK_VERSION),
                                      ("PUT", world.ENDPOINT, azure.NETWORK_VERSION),
                                      ("GET", world.ENDPOINT, "2019-01-01"),
                                      ("POST", world.network("virtualNetworks/v/delete"), azure.NETWORK_VERSION),
                                      ("GET", world.network("virtualNetworkGateways/g"), azure.NETWORK_VERSION)):
            before = len(self.complaints)
            self.assertEqual(self.ask(path, method=method, version=version)[0], 400)
            self.assertEqual(len(self.complaints), before + 1, path)

    def test_tokens(self):
        self.entra.secrets = {world.APPLICATION: SECRET}
        form = (f"grant_type=client_credentials&client_id={world.APPLICATION}&client_secret={SECRET}"
                "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default")
        request = cloud.Request("POST", azure.LOGIN, f"/{world.TENANT}/oauth2/v2.0/token", "",
                                {"content-type": "application/x-www-form-urlencoded"}, form.encode())
        content = json.loads(self.entra(request).content())
        self.assertEqual(self.ask(world.ENDPOINT, token=content["access_token"])[0], 200)
        request.body = form.replace("planted", "other").encode()
        self.assertEqual(self.entra(request).status, 401)


class Table(unittest.TestCase):
    """The table of operations: each row takes the permission that its path needs, and only reads."""

    def setUp(self):
        with open(TABLE, encoding="utf-8") as file:
            source = file.read()
        self.rows = ROW.findall(source)
        self.versions = dict(VERSION.findall(source))

    @staticmethod
    def permission_of(path, kind):
        provider, *rest = path.rpartition("/providers/")[2].split("/")
        return "/".join([provider, *rest[::2], "read" if kind == "arm" else "action"])

    def test_permissions_are_those_of_the_paths(self):
        self.assertGreaterEqual(len(self.rows), 18)
        for kind, name, macro, path, permission, _ in self.rows:
            with self.subTest(name):
                whole = f"/providers/Microsoft.Network/{path}" if macro else path
                self.assertEqual(permission, self.permission_of(whole, kind))

    def test_versions_are_those_that_are_known(self):
        for kind, name, _, _, permission, version in self.rows:
            known = azure.READS.get(permission.rpartition("/")[0])
            if kind == "arm" and known:
                with self.subTest(name):
                    self.assertEqual(self.versions[version or "network_version"], known)


class Program(ProgramCase):
    """With a service principal whose secret is in a file."""

    def setUp(self):
        if not hasattr(ProgramCase, "azure_place"):
            ProgramCase.azure_place = namespace.Place(world.HOSTS)
            ProgramCase.azure_cloud = cloud.Cloud()
            ProgramCase.azure_cloud.serve(namespace.API, 443, ProgramCase.azure_place.certificate)
            ProgramCase.azure_cloud.serve(namespace.AWS_METADATA, 80)
        self.place, self.cloud = ProgramCase.azure_place, ProgramCase.azure_cloud
        super().setUp()
        self.arm, self.entra, self.metadata = fakes(self.cloud.complaints)
        self.entra.secrets = {world.APPLICATION: SECRET}
        self.cloud.routes = {azure.MANAGEMENT: self.arm, azure.LOGIN: self.entra, azure.METADATA: self.metadata}
        self.account = {"name": "acme-azure", "provider": "azure", "subscription": world.SUBSCRIPTION,
                        "tenant_id": world.TENANT, "client_id": world.APPLICATION,
                        "client_secret_file": self.place.write("secret", SECRET + "\n")}


class Consumer(Program):
    def test_the_endpoint_by_its_address(self):
        readings = self.read(TARGET)
        endpoint = readings.facts["endpoints"][0]
        self.assertEqual((endpoint["id"], endpoint["state"], endpoint["other_ids"]),
                         (world.ENDPOINT, "waiting", [world.GUID]))
        self.assertEqual(endpoint["interfaces"]["items"][0]["addresses"], ["10.0.3.7"])
        words = readings.words("private_endpoint")
        self.assertEqual((words["state"], words["id"], words["privateLinkServiceId"]),
                         ("Pending", world.ENDPOINT, world.ALIAS))

    def test_each_state(self):
        for word, state in (("Approved", "available"), ("Rejected", "rejected"), ("Disconnected", "disconnected"),
                            ("Quarantined", None)):
            with self.subTest(word):
                world.set_status(self.arm, word, "because")
                endpoint = self.read(TARGET).facts["endpoints"][0]
                self.assertEqual((endpoint.get("state"), endpoint["state_word"]), (state, word))

    def test_what_stands_around_it(self):
        facts = self.read(TARGET).facts
        self.assertEqual(facts["subnets"][0]["endpoint_policies"], "enabled")
        self.assertEqual(len(facts["network_security_groups"][0]["rules"]["items"]), 2)
        self.assertEqual(facts["networks"][0]["id"], world.VNET)

    def test_private_dns(self):
        zone = self.read(TARGET).facts["zones"][0]
        self.assertEqual((zone["name"], zone["links"]["items"][0]["network"]), (world.ZONE, world.VNET))
        self.assertEqual(zone["records"]["items"][0]["values"], ["10.0.3.7"])
        self.assertEqual(zone["asked"], [f"*.{world.ZONE}", world.HOST])

    def test_a_record_and_a_link_that_are_missing(self):
        self.arm.remove(f"{world.ZONE_ID}/A/abcd")
        self.arm.remove(f"{world.ZONE_ID}/virtualNetworkLinks/l")
        zone = self.read(TARGET).facts["zones"][0]
        self.assertTrue(zone["links"]["complete"])
        self.assertTrue(zone["records"]["complete"])
        self.assertEqual((zone["links"].get("items", []), zone["records"].get("items", [])), ([], []))

    def test_this_host(self):
        self.metadata.instance = world.instance()
        world.effective(self.arm)
        facts = self.read(TARGET, timeout_ms=30_000).facts
        self.assertEqual(len(facts["instances"]), 1)
        self.assertEqual(facts["instances"][0]["interfaces"][0]["id"], world.MACHINE_NIC)
        self.assertIn(True, [group.get("effective") for group in facts["network_security_groups"]])
        self.assertEqual(facts["route_tables"][0]["routes"]["items"][0]["next_hop"], "InterfaceEndpoint")

    def test_pages(self):
        self.arm.resources |= {one["id"].lower(): one for one in
                               (world.endpoint(world.network(f"privateEndpoints/a{number}")) for number in range(4))}
        self.arm.page_size = 2
        readings = self.read(TARGET)
        self.assertEqual(len(readings.facts["endpoints"]), 5)
        self.assertIn("private_endpoint", [one["read"] for one in readings.facts["complete"]])

    def test_one_listing_for_all_targets(self):
        self.read(TARGET, {**TARGET, "target": "other"})
        self.assertEqual(self.arm.asked.count(ENDPOINTS), 1)


class Provider(Program):
    def test_who_waits_for_us(self):
        readings = self.read(WATCH)
        connection = readings.facts["connections"][0]
        self.assertEqual((connection["state"], connection["owner"], connection["link_id"]),
                         ("waiting", world.OTHER, "536870918"))
        service = readings.facts["services"][0]
        self.assertEqual((service["proxy_header"], service["allowed"]["items"][0]["id"]), (True, world.OTHER))
        self.assertEqual(readings.facts["listeners"][0]["idle_timeout"], 240)


class Faults(Program):
    def test_a_permission_takes_away_one_fact(self):
        for permission, read in (("Microsoft.Network/networkInterfaces/read", "network_interface"),
                                 ("Microsoft.Network/networkSecurityGroups/read", "network_security_group"),
                                 ("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
                                  "private_dns_zone_links")):
            with self.subTest(permission):
                self.arm.denied = {permission}
                readings = self.read({**TARGET, "endpoint_id": world.ENDPOINT})
                self.assertEqual(readings.detail(read), permission)
                self.assertEqual(readings.words("private_endpoint")["state"], "Pending")

    def test_a_subscription_that_is_hidden(self):
        self.arm.hidden = True
        readings = self.read(TARGET)
        self.assertEqual(readings.results("private_endpoint"), {"forbidden"})

    def test_a_link_to_another_host(self):
        self.arm.resources |= {one["id"].lower(): one for one in
                               (world.endpoint(world.network(f"privateEndpoints/a{number}")) for number in range(4))}
        self.arm.page_size = 2
        self.arm.next_link = (f"https://evil.example/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Network/"
                              "privateEndpoints?api-version=2024-05-01")
        readings = self.read(TARGET)
        self.assertIn("error", readings.results("private_endpoint"))
        self.assertNotIn("private_endpoint", [one["read"] for one in readings.facts.get("complete", [])])
        self.assertEqual(len(readings.facts["endpoints"]), 2)

    def test_throttled(self):
        self.arm.throttled = {ENDPOINTS: 1}
        self.assertEqual(self.read(TARGET).results("private_endpoint"), {"ok"})
        self.arm.throttled = {ENDPOINTS: 9}
        self.arm.retry_after = "600"
        readings = self.read(TARGET)
        self.assertEqual(readings.results("private_endpoint"), {"throttled"})
        self.assertIn("x-ms-ratelimit-remaining-subscription-reads", readings.detail("private_endpoint"))
        self.assertEqual(self.arm.throttled[ENDPOINTS], 8)

    def test_answers_that_are_none(self):
        for name, response, result in (
                ("garbage", cloud.Response(200, "<html>"), "error"), ("cut", cloud.Cut(200, '{"value": ['), "error"),
                ("deep", cloud.Response(200, "[" * 100_000), "error"), ("endless", cloud.Endless(200), "error"),
                ("a redirect", cloud.Response(302, "", {"Location": "https://evil.example/"}), "error"),
                ("another type", cloud.Response(200, '{"value": {"id": 7}}'), "error")):
            with self.subTest(name):
                self.arm.instead = {ENDPOINTS: response}
                self.assertEqual(self.read(TARGET).results("private_endpoint"), {result})

    def test_an_api_that_is_slow(self):
        self.cloud.routes[azure.MANAGEMENT] = cloud.slow(5)
        begun = time.monotonic()
        self.assertEqual(self.read(TARGET, timeout_ms=1500).results("private_endpoint"), {"unreachable"})
        self.assertLess(time.monotonic() - begun, 10)


class Credentials(Program):
    def test_a_wrong_secret(self):
        self.entra.secrets = {world.APPLICATION: "another"}
        readings = self.read(TARGET)
        self.assertEqual(readings.results("private_endpoint"), {"credentials"})
        self.assertIn("AADSTS7000215", readings.detail("private_endpoint"))
        self.assertEqual(self.arm.asked, [])

    def test_a_token_that_expires(self):
        reader = self.start()
        self.read(TARGET, reader=reader)
        self.arm.tokens.expire()
        later = int((time.time() + 1) * 1000)
        time.sleep(1.1)
        self.assertEqual(self.read(TARGET, reader=reader, not_before=later).results("private_endpoint"), {"ok"})
        self.assertEqual(self.entra.asked, 2)

    def test_a_workload(self):
        self.entra.assertions = {world.APPLICATION: "planted.jwt.of-the-pod"}
        reader = self.start(AZURE_FEDERATED_TOKEN_FILE=self.place.write("jwt", "planted.jwt.of-the-pod"),
                            AZURE_TENANT_ID=world.TENANT, AZURE_CLIENT_ID=world.APPLICATION)
        readings = self.read(TARGET, reader=reader, account=NOT_CONFIGURED)
        self.assertEqual(readings.results("private_endpoint"), {"ok"})

    def test_a_managed_identity(self):
        self.metadata.instance = world.instance()
        self.metadata.identities = [world.APPLICATION]
        answer = self.check(account=NOT_CONFIGURED)
        self.assertIn("managed identity", answer["source"])
        self.assertIn(world.APPLICATION, answer["identity"])

    def test_none(self):
        readings = self.read(TARGET, account=NOT_CONFIGURED)
        self.assertEqual(readings.results("private_endpoint"), {"credentials"})


class Check(Program):
    def test_all_is_readable(self):
        answer = self.check()
        self.assertEqual(set(results(answer).values()), {"ok"})
        self.assertEqual(answer.get("policy", ""), "")
        self.assertIn(world.APPLICATION, answer["identity"])

    def test_a_role_for_what_is_missing(self):
        self.arm.denied = {ENDPOINTS, "Microsoft.Network/loadBalancers/read"}
        answer = self.check()
        self.assertEqual(results(answer)[ENDPOINTS], "forbidden")
        self.assertEqual(json.loads(answer["policy"])["Actions"], sorted(self.arm.denied, key=str.lower))


def main():
    if PROGRAM is None:
        unittest.main(argv=[sys.argv[0], "Fakes", "Table", *sys.argv[1:]])
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
