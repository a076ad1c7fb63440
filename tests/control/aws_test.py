#!/usr/bin/env python3
"""whylink-control reads an account of AWS from fakes that own the real names and addresses; Debian's awscli reads the
same from the same ones."""

import datetime
import json
import os
import shutil
import subprocess
import sys
import unittest

import aws_world as world
import cloud
import metadata
import namespace
from aws_world import KEY, SECRET
from program_case import PROGRAM, ProgramCase

aws = namespace.needed("aws", "python3-botocore")

AWSCLI = "/usr/bin/aws"
TOKEN = "planted-session-token-0123456789abcdef=="
ACCOUNT = {"name": "acme-aws", "provider": "aws", "region": world.REGION}
TARGET = {"target": "db", "host": world.HOST, "port": 9440, "addresses": ["10.0.3.7"], "sources": ["10.0.5.10"]}
WATCH = {"target": "mqtt", "side": "provider", "service": world.OWN_SERVICE}


class Fakes(unittest.TestCase):
    """The fakes of one test, on servers that all tests share."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(Fakes, "place"):
            Fakes.place = namespace.Place(world.HOSTS)
            Fakes.cloud = cloud.Cloud()
            Fakes.cloud.serve(namespace.API, 443, Fakes.place.certificate)
            for address in (namespace.AWS_METADATA, namespace.AWS_CONTAINER):
                Fakes.cloud.serve(address, 80)

    def setUp(self):
        self.cloud.complaints.clear()
        self.cloud.requests.clear()
        self.cloud.ahead = 0
        self.aws = aws.Aws(world.world(), self.cloud.complaints, world.ACCOUNT)
        self.aws.add_key(KEY, SECRET, TOKEN)
        self.metadata = metadata.AwsMetadata(self.cloud.complaints)
        self.cloud.routes = {host: self.aws for host in world.HOSTS}
        self.cloud.routes[namespace.AWS_METADATA] = self.metadata

    def tearDown(self):
        self.assertEqual(self.cloud.complaints, [])


@unittest.skipUnless(os.path.exists(AWSCLI) or os.environ.get("CI"), "needs awscli")
class Awscli(Fakes):
    """The fakes speak as AWS does: its own client reads from them what was put in."""

    def run_aws(self, *words, secret=SECRET):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.place.folder, "AWS_ACCESS_KEY_ID": KEY,
                       "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": TOKEN, "AWS_REGION": world.REGION,
                       "AWS_MAX_ATTEMPTS": "1", "AWS_CA_BUNDLE": self.place.ca, "AWS_PAGER": ""}
        return subprocess.run([AWSCLI, *words, "--output", "json"], env=environment, capture_output=True, text=True,
                              check=False)

    def read(self, *words):
        done = self.run_aws(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_reads_what_a_consumer_has(self):
        self.aws.page_size = 1
        for operation, words in (("DescribeVpcEndpoints", ["describe-vpc-endpoints"]),
                                 ("DescribeSecurityGroups", ["describe-security-groups"]),
                                 ("DescribeNetworkAcls", ["describe-network-acls"])):
            with self.subTest(operation):
                answer = self.read("ec2", *words)
                self.assertEqual(answer[aws.LISTS[operation]], self.aws.state[operation])

    def test_filters(self):
        answer = self.read("ec2", "describe-network-interfaces", "--filters", "Name=interface-type,Values=vpc_endpoint")
        self.assertEqual([one["NetworkInterfaceId"] for one in answer["NetworkInterfaces"]], ["eni-1", "eni-2"])

    def test_reads_what_a_provider_has(self):
        answer = self.read("ec2", "describe-vpc-endpoint-connections")
        self.assertEqual(answer["VpcEndpointConnections"], self.aws.state["DescribeVpcEndpointConnections"])
        answer = self.read("elbv2", "describe-target-health", "--target-group-arn", world.GROUP)
        self.assertEqual(answer["TargetHealthDescriptions"], self.aws.state["DescribeTargetHealth"][world.GROUP])

    def test_reads_private_zones(self):
        self.aws.page_size = 1
        answer = self.read("route53", "list-resource-record-sets", "--hosted-zone-id", "Z0EXAMPLE")
        self.assertEqual(answer["ResourceRecordSets"], self.aws.state["ListResourceRecordSets"]["Z0EXAMPLE"])
        self.aws.page_size = 100
        answer = self.read("route53", "list-hosted-zones-by-vpc", "--vpc-id", "vpc-1", "--vpc-region", world.REGION)
        self.assertEqual(answer["HostedZoneSummaries"], self.aws.state["ListHostedZonesByVPC"]["vpc-1"])

    def test_is_refused_as_by_aws(self):
        done = self.run_aws("ec2", "describe-subnets", secret="another-secret")
        self.assertIn("(AuthFailure)", done.stderr)
        self.aws.denied = {"ec2:DescribeSubnets"}
        self.assertIn("(UnauthorizedOperation)", self.run_aws("ec2", "describe-subnets").stderr)
        self.aws.throttled = {"DescribeTargetGroups": 9}
        self.assertIn("(Throttling)", self.run_aws("elbv2", "describe-target-groups").stderr)
        self.aws.expire(KEY)
        self.assertIn("(ExpiredToken)", self.run_aws("sts", "get-caller-identity").stderr)

    def test_what_the_model_lacks_is_a_complaint(self):
        for words in (("ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", world.ENDPOINT),
                      ("ec2", "describe-subnets", "--filters", "Name=colour,Values=blue")):
            self.assertNotEqual(self.run_aws(*words).returncode, 0)
        self.assertEqual(self.cloud.complaints, ["DeleteVpcEndpoints changes something",
                                                 "DescribeSubnets has no filter colour"])
        self.cloud.complaints.clear()

    def test_knows_who_it_is(self):
        self.assertEqual(self.read("sts", "get-caller-identity")["Account"], world.ACCOUNT)


@unittest.skipUnless(PROGRAM, "needs WHYLINK_CONTROL")
class Control(Fakes, ProgramCase):
    """With keys of the environment."""

    account = ACCOUNT

    def setUp(self):
        ProgramCase.setUp(self)
        Fakes.setUp(self)

    def tearDown(self):
        self.secrets = [part for secret, token, _ in self.aws.keys.values() for part in (secret, token) if part]
        ProgramCase.tearDown(self)

    def start_with_key(self, **environment):
        return self.start(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN,
                          AWS_EC2_METADATA_DISABLED="true", **environment)

    def read(self, *subjects, reader=None, **more):
        return ProgramCase.read(self, *subjects, reader=reader or self.start_with_key(), **more)


class Consumer(Control):
    def test_the_endpoint_by_its_address(self):
        readings = self.read(TARGET)
        endpoints = readings.facts["endpoints"]
        self.assertEqual([one["id"] for one in endpoints], [world.ENDPOINT])
        self.assertEqual(endpoints[0]["state"], "waiting")
        self.assertEqual(endpoints[0]["interfaces"]["items"][0]["addresses"], ["10.0.3.7"])
        self.assertEqual(endpoints[0]["interfaces"]["items"][0]["zone_id"], "euw1-az1")
        self.assertEqual(readings.words("vpc_endpoint")["state"], "pendingAcceptance")

    def test_what_stands_around_it(self):
        facts = self.read(TARGET).facts
        self.assertEqual([one["id"] for one in facts["security_groups"]], ["sg-ep", "sg-app"])
        rule = facts["security_groups"][0]["rules"]["items"][0]
        self.assertEqual((rule["networks"], rule["groups"], rule["prefix_lists"]),
                         (["10.0.9.0/24"], ["sg-app"], ["pl-0a"]))
        self.assertEqual(facts["prefix_lists"][0]["networks"],
                         {"items": ["10.9.0.0/16", "10.10.0.0/16"], "complete": True})
        self.assertEqual(facts["network_acls"][0]["id"], "acl-1")
        self.assertEqual(len(facts["network_acls"][0]["entries"]["items"]), 4)
        self.assertEqual(facts["networks"][0]["dns_support"], True)
        self.assertEqual(facts["services"][0]["private_dns_state"], "verified")
        self.assertEqual(facts["services"][0]["zone_ids"], {"items": ["euw1-az1", "euw1-az2"], "complete": True})

    def test_private_dns(self):
        facts = self.read(TARGET).facts
        self.assertEqual([one["name"] for one in facts["zones"]], ["example.internal"])
        self.assertEqual([one["values"] for one in facts["zones"][0]["records"]["items"]], [["10.0.3.9"]])
        self.assertEqual(facts["network_zones"][0]["zones"]["items"], ["example.internal", "other.internal"])

    def test_a_zone_of_thousands_of_records(self):
        """Each name is asked for, and what its zone has of other names is not read."""
        records = self.aws.state["ListResourceRecordSets"]["Z0EXAMPLE"]
        records += [world.record(f"n{number:04d}.example.internal.", f"10.1.{number // 250}.{number % 250 + 1}")
                    for number in range(5000)]
        records += [world.record("\\052.apps.example.internal.", "10.0.3.10"),
                    *(world.record("many.example.internal.", "10.0.3.11", f"set-{number:03d}") for number in range(400))]
        hosts = ("db", "web.apps", "many", "n4711", "missing")
        facts = self.read(*({**TARGET, "target": host, "host": f"{host}.example.internal"} for host in hosts)).facts
        zone = facts["zones"][0]
        found = {one["name"]: one["values"] for one in zone["records"]["items"]}
        self.assertEqual(found, {world.HOST: ["10.0.3.9"], "*.apps.example.internal": ["10.0.3.10"],
                                 "many.example.internal": ["10.0.3.11"], "n4711.example.internal": ["10.1.18.212"]})
        self.assertEqual(zone["records"]["complete"], True)
        self.assertLessEqual({f"{host}.example.internal" for host in hosts}, set(zone["asked"]))
        self.assertLessEqual(self.aws.asked.count("ListResourceRecordSets"), 10)

    def test_this_host_by_its_address(self):
        instance = self.read(TARGET).facts["instances"][0]
        self.assertEqual(instance["interfaces"][0]["security_groups"], ["sg-app"])

    def test_this_host_by_its_metadata(self):
        self.metadata.document = {"accountId": world.ACCOUNT, "instanceId": "i-0abc", "region": world.REGION,
                                  "availabilityZone": "eu-west-1b"}
        metadata.this_host(self.metadata.items)
        reader = self.start(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN)
        facts = self.read(TARGET, reader=reader).facts
        self.assertEqual(facts["instances"][0]["id"], "i-0abc")
        self.assertEqual(facts["instances"][0]["interfaces"][0]["security_groups"], ["sg-app"])
        self.assertEqual(self.aws.asked.count("DescribeNetworkInterfaces"), 1)

    def test_pages(self):
        self.aws.page_size = 1
        facts = self.read(TARGET).facts
        self.assertEqual([one["id"] for one in facts["endpoints"]], [world.ENDPOINT])
        self.assertEqual(facts["complete"][0]["read"], "vpc_endpoint")
        self.assertEqual(facts["zones"][0]["records"]["complete"], True)

    def test_one_listing_for_all_targets(self):
        targets = [{**TARGET, "target": f"db-{number}"} for number in range(50)]
        self.read(*targets)
        self.assertEqual(self.aws.asked.count("DescribeVpcEndpoints"), 1)

    def test_what_was_read_is_remembered_until_a_failure(self):
        reader = self.start_with_key()
        self.read(TARGET, reader=reader)
        asked = len(self.aws.asked)
        self.read(TARGET, reader=reader)
        self.assertEqual(len(self.aws.asked), asked)
        now = int(datetime.datetime.now().timestamp() * 1000)
        self.read(TARGET, reader=reader, not_before=now)
        self.assertEqual(self.aws.asked[asked:].count("DescribeVpcEndpoints"), 1)

    def test_an_endpoint_that_is_gone(self):
        readings = self.read({**TARGET, "addresses": [], "endpoint_id": "vpce-0aaaaaaaaaaaaaaaa"})
        self.assertEqual(readings.results("vpc_endpoint"), {"not_found"})

    def test_the_same_facts_as_awscli(self):
        """Both read the one state through the one wire: the identifiers that both name are the same."""
        facts = self.read(TARGET).facts
        state = self.aws.state
        endpoint = next(one for one in state["DescribeVpcEndpoints"] if one["VpcEndpointId"] == world.ENDPOINT)
        self.assertEqual(facts["endpoints"][0]["state_word"], endpoint["State"])
        self.assertEqual(facts["endpoints"][0]["service"], endpoint["ServiceName"])
        self.assertEqual(facts["endpoints"][0]["dns_names"], [endpoint["DnsEntries"][0]["DnsName"]])
        for group in facts["security_groups"]:
            stated = next(one for one in state["DescribeSecurityGroups"] if one["GroupId"] == group["id"])
            inbound = [rule for rule in group["rules"]["items"] if rule.get("toward", "inbound") == "inbound"]
            self.assertEqual([rule["protocol"] for rule in inbound],
                             [rule["IpProtocol"] for rule in stated["IpPermissions"]])


class OwnBalancer(Control):
    """A target that no endpoint leads to, but a load balancer of the account itself."""
    TARGET = {"target": "mqtt", "host": "mqtt.example.test", "port": 8883, "addresses": [world.BALANCER_ADDRESS],
              "sources": ["10.0.5.10"]}

    def test_what_stands_behind(self):
        self.aws.state["DescribeLoadBalancers"][0]["SecurityGroups"] = ["sg-other"]
        readings = self.read(self.TARGET)
        balancer = readings.facts["balancers"][0]
        self.assertEqual((balancer["id"], balancer["zones"][0]["addresses"]), (world.BALANCER, [world.BALANCER_ADDRESS]))
        self.assertEqual([one["port"] for one in readings.facts["listeners"]], [8883])
        group = readings.facts["target_groups"][0]
        self.assertEqual((group["proxy_header"], group["targets"]["complete"]), (True, True))
        self.assertIn("sg-other", [one["id"] for one in readings.facts["security_groups"]])
        self.assertEqual(readings.words("load_balancer")["loadBalancerArn"], world.BALANCER)
        self.assertEqual(readings.results("vpc_endpoint"), set())
        self.assertEqual(readings.facts["instances"][0]["interfaces"][0]["security_groups"], ["sg-app"])

    def test_a_balancer_that_is_gone(self):
        self.aws.state["DescribeLoadBalancers"] = []
        readings = self.read(self.TARGET)
        self.assertEqual(readings.results("load_balancer"), {"not_found"})
        self.assertNotIn("target_groups", readings.facts)


class Provider(Control):
    def test_the_service_and_who_connects(self):
        readings = self.read(WATCH)
        self.assertEqual([one["id"] for one in readings.facts["services"]], [world.OWN_SERVICE])
        self.assertEqual(readings.facts["services"][0]["allowed"]["items"],
                         [{"type": "Account", "id": "arn:aws:iam::402592597372:root"}])
        self.assertEqual([one["state"] for one in readings.facts["connections"]], ["available", "waiting", "rejected"])
        self.assertEqual(readings.words("connection")["pendingAcceptance"], "vpce-00000000000000001 of 402592597372")

    def test_what_stands_behind(self):
        facts = self.read(WATCH).facts
        self.assertEqual(facts["balancers"][0]["cross_zone"], False)
        self.assertEqual(facts["listeners"][0]["idle_timeout"], 350)
        group = facts["target_groups"][0]
        self.assertEqual((group["proxy_header"], group["keeps_client_address"]), (True, False))
        self.assertEqual([(one["id"], one["state"]) for one in group["targets"]["items"]],
                         [("i-1", "unhealthy"), ("i-2", "healthy")])


class Refusals(Control):
    """Each ends one fact, or all, with its own result; none stops the program."""

    def test_a_permission_takes_away_one_fact(self):
        for permission, read in (("ec2:DescribeSecurityGroups", "security_group"),
                                 ("ec2:DescribeNetworkAcls", "network_acl"),
                                 ("ec2:DescribeVpcEndpointServices", "endpoint_service"),
                                 ("route53:ListHostedZonesByVPC", "hosted_zones")):
            with self.subTest(permission):
                self.aws.denied = {permission}
                readings = self.read(TARGET)
                self.assertEqual(readings.results(read), {"forbidden"})
                self.assertEqual(readings.detail(read), permission)
                self.assertEqual([one["id"] for one in readings.facts["endpoints"]], [world.ENDPOINT])

    def test_check_names_what_is_missing(self):
        self.aws.denied = {"ec2:DescribeSubnets", "elasticloadbalancing:DescribeTargetHealth"}
        answer = self.check(self.start_with_key())
        self.assertEqual(answer["identity"], f"arn:aws:iam::{world.ACCOUNT}:role/whylink")
        denied = {row["permission"] for row in answer["access"] if row.get("result") == "forbidden"}
        self.assertEqual(denied, self.aws.denied)
        self.assertEqual(set(json.loads(answer["policy"])["Statement"][0]["Action"]), self.aws.denied)
        self.assertEqual({row.get("result", "ok") for row in answer["access"]}, {"ok", "forbidden"})

    def test_check_of_an_account_that_may_read_all(self):
        answer = self.check(self.start_with_key())
        self.assertEqual([row for row in answer["access"] if row.get("result", "ok") != "ok"], [])
        self.assertNotIn("policy", answer)

    def test_an_empty_account_may_be_read(self):
        self.aws.state = {}
        answer = self.check(self.start_with_key())
        self.assertEqual([row for row in answer["access"] if row.get("result", "ok") != "ok"], [])

    def test_a_wrong_secret(self):
        self.aws.add_key(KEY, "another-secret-than-the-program-has-0000", TOKEN)
        readings = self.read(TARGET)
        self.assertEqual(readings.results("vpc_endpoint"), {"credentials"})
        self.assertEqual(readings.facts, {})

    def test_an_expired_session(self):
        self.aws.expire(KEY)
        self.assertEqual(self.read(TARGET).results("vpc_endpoint"), {"credentials"})

    def test_a_wrong_clock_is_named(self):
        self.cloud.ahead = 3600
        self.aws.clock = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
        readings = self.read(TARGET)
        self.assertEqual(readings.results("vpc_endpoint"), {"credentials"})
        self.assertRegex(readings.detail("vpc_endpoint"), r"the clock of this host is 3\d{3} s behind")

    def test_throttling_is_not_answered_with_more_requests(self):
        self.aws.throttled = {"DescribeVpcEndpoints": 100}
        readings = self.read(TARGET, timeout_ms=2000)
        self.assertEqual(readings.results("vpc_endpoint"), {"throttled"})
        self.assertEqual(self.aws.asked.count("DescribeVpcEndpoints"), 1)

    def test_answers_that_are_none(self):
        ec2 = world.HOSTS[0]
        for name, route in (("garbage", lambda _: cloud.Response(200, b"\x00\xff<html>")),
                            ("cut off", lambda _: cloud.Cut(200, "<DescribeVpcEndpointsResponse>")),
                            ("endless", lambda _: cloud.Endless(200)),
                            ("another host", lambda _: cloud.Response(302, "", {"Location": "https://evil.test/"}))):
            with self.subTest(name):
                self.cloud.routes[ec2] = route
                readings = self.read(TARGET, timeout_ms=8000)
                self.assertNotIn("ok", readings.results("vpc_endpoint"))
                self.assertEqual(readings.facts.get("endpoints", []), [])

    def test_silence_ends_in_time(self):
        self.cloud.routes[world.HOSTS[0]] = cloud.slow(30)
        begun = datetime.datetime.now()
        readings = self.read(TARGET, timeout_ms=2000)
        self.assertEqual(readings.results("vpc_endpoint"), {"unreachable"})
        self.assertLess((datetime.datetime.now() - begun).total_seconds(), 10)

    def test_a_certificate_of_another_authority(self):
        other = cloud.Cloud()
        other.serve(namespace.WRONG_API, 443, self.place.wrong_certificate)
        hosts = self.place.path("hosts")
        with open(hosts, encoding="ascii") as file:
            right = file.read()
        try:
            self.place.write("hosts", right.replace(namespace.API, namespace.WRONG_API))
            readings = self.read(TARGET)
        finally:
            self.place.write("hosts", right)
            other.stop()
        self.assertEqual(readings.results("vpc_endpoint"), {"unreachable"})
        self.assertEqual(other.requests, [])


class Credentials(Control):
    """Where keys are found: whom STS takes the program for, and where it says that it found them."""

    def source(self, **environment):
        return self.check(self.start(**environment))["source"]

    def test_the_instance(self):
        self.aws.keys = {"ASIAINSTANCE": ("secret-of-the-instance-0123456789abcdef", "token-of-the-instance", False)}
        self.metadata.give_role("whylink-read", "ASIAINSTANCE", *self.aws.keys["ASIAINSTANCE"][:2])
        self.assertIn("whylink-read", self.source())

    def test_the_instance_gives_new_keys_where_the_old_are_refused(self):
        self.aws.keys = {"ASIAOLD": ("secret-of-the-old-session-0123456789abc", "token-of-the-old-session", True),
                         "ASIANEW": ("secret-of-the-new-session-0123456789abc", "token-of-the-new-session", False)}
        self.metadata.give_role("whylink-read", "ASIAOLD", *self.aws.keys["ASIAOLD"][:2])
        reader = self.start()
        self.assertEqual(self.read(TARGET, reader=reader).results("vpc_endpoint"), {"credentials"})
        self.metadata.give_role("whylink-read", "ASIANEW", *self.aws.keys["ASIANEW"][:2])
        self.assertEqual(self.read(TARGET, reader=reader).results("vpc_endpoint"), {"ok"})

    def test_a_container(self):
        self.aws.keys = {"ASIATASK": ("secret-of-the-task-0123456789abcdefghij", "token-of-the-task", False)}
        self.cloud.routes[namespace.AWS_CONTAINER] = metadata.Container(
            "/v2/credentials/1", "planted-authorization", "ASIATASK", *self.aws.keys["ASIATASK"][:2])
        self.source(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/v2/credentials/1",
                    AWS_CONTAINER_AUTHORIZATION_TOKEN="planted-authorization")
        self.assertIn("GetCallerIdentity", self.aws.asked)

    def test_a_web_identity(self):
        role = f"arn:aws:iam::{world.ACCOUNT}:role/web"
        self.source(AWS_WEB_IDENTITY_TOKEN_FILE=self.place.write("jwt", "planted.jwt.of-the-pod"), AWS_ROLE_ARN=role,
                    AWS_EC2_METADATA_DISABLED="true")
        self.assertEqual(self.aws.asked[:2], ["AssumeRoleWithWebIdentity", role])
        self.assertIn("GetCallerIdentity", self.aws.asked)

    def test_a_role_that_is_assumed(self):
        role = f"arn:aws:iam::{world.ACCOUNT}:role/read-only"
        answer = self.check(self.start_with_key(), {"role_arn": role})
        self.assertIn(role, self.aws.asked)
        self.assertEqual([row for row in answer["access"] if row.get("result", "ok") != "ok"], [])

    def test_files(self):
        self.aws.keys = {"AKIAFILE": ("secret-in-the-credentials-file-01234567", None, False)}
        file = self.place.write("credentials", "[default]\naws_access_key_id = AKIAFILE\n"
                                               "aws_secret_access_key = secret-in-the-credentials-file-01234567\n")
        self.source(AWS_SHARED_CREDENTIALS_FILE=file, AWS_EC2_METADATA_DISABLED="true")
        self.assertIn("GetCallerIdentity", self.aws.asked)

    def test_none(self):
        answer = self.check(self.start(AWS_EC2_METADATA_DISABLED="true"))
        self.assertEqual([row.get("result") for row in answer["access"]], ["credentials"])
        self.assertEqual(self.aws.asked, [])


def main():
    if PROGRAM is None and not shutil.which(AWSCLI):
        sys.exit(namespace.running.SKIPPED)
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
