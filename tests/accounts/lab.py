"""The real program on links that fail, beside fakes that own the providers' names: the fakes of tests/control, the far side
of the links, and reports with accounts and without."""

import json
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../control"), os.path.join(HERE, "../cli")]

# pylint: disable=wrong-import-position
import aws_world
import azure
import azure_world
import clickhouse
import cloud
import far_side
import metadata
import namespace
import servers
from aws_world import KEY, SECRET
from azure_world import APPLICATION
from program_case import PLANTED

aws = namespace.needed("aws", "python3-botocore")

WHYLINK = os.environ.get("WHYLINK")
# The hosts of the worlds (aws_world.py, azure_world.py).
ON_AWS = "10.0.5.10"
ON_AZURE = "10.0.3.10"
ENDPOINT_ADDRESS = "10.0.3.7"
DEADLINE = 120
ATTEMPTS = 3


class Report:
    """Of the targets of one run."""

    def __init__(self, document, seconds):
        self.entries = document["endpoints"] + document["zones"] + document["watches"]
        self.seconds = seconds

    def diagnosis(self, entry):
        """All that is said of it, in the words for programs."""
        diagnosis = self.entries[entry]["diagnosis"]
        return {key: diagnosis[key] for key in ("cause", "severity", "confidence", "alternatives")}

    @property
    def verdict(self):
        """Of the first target."""
        return self.entries[0]["diagnosis"]["cause"], self.entries[0]["diagnosis"]["confidence"]

    @property
    def text(self):
        diagnosis = self.entries[0]["diagnosis"]
        return "\n".join([diagnosis["summary"], *diagnosis["evidence"], *map(json.dumps, diagnosis["remediation"])])

    def reads(self):
        return [read for entry in self.entries for read in entry.get("control", [])]

    def was_read_in_time(self):
        return not any(read.get("detail", "").endswith("in time") for read in self.reads())


class Lab(unittest.TestCase):
    """The fakes and the far side are one for all tests. A test changes them, and gives a target's configuration."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not hasattr(Lab, "place"):
            Lab.place = namespace.Place([*aws_world.HOSTS, *azure_world.HOSTS, clickhouse.HOST])
            Lab.cloud = cloud.Cloud()
            Lab.cloud.serve(namespace.API, 443, Lab.place.certificate)
            Lab.cloud.serve(namespace.AWS_METADATA, 80)
            Lab.far = far_side.FarSide()
            Lab.addClassCleanup(Lab.far.clear)

    def setUp(self):
        complaints = self.cloud.complaints
        complaints.clear()
        self.aws = aws.Aws(aws_world.world(), complaints, aws_world.ACCOUNT)
        self.aws.add_key(KEY, SECRET)
        tokens = azure.Tokens()
        self.arm = azure.Arm(azure_world.world(), tokens, complaints)
        entra = azure.Entra(azure_world.TENANT, tokens, complaints)
        entra.secrets = {APPLICATION: SECRET}
        self.clickhouse = clickhouse.ClickHouse(complaints)
        self.clickhouse.keys = {KEY: SECRET}
        self.instance = azure.AzureMetadata(tokens, complaints)
        self.cloud.routes = {host: self.aws for host in aws_world.HOSTS}
        self.cloud.routes |= {azure.MANAGEMENT: self.arm, azure.LOGIN: entra, clickhouse.HOST: self.clickhouse,
                              namespace.AWS_METADATA: metadata.AwsMetadata(complaints)}
        self.addCleanup(self.far.clear)

    def tearDown(self):
        self.assertEqual(self.cloud.complaints, [])

    def is_on_azure(self):
        """This host, by its metadata."""
        self.instance.instance = azure_world.instance()
        self.cloud.routes[azure.METADATA] = self.instance

    def is_on_aws(self):
        service = metadata.AwsMetadata(self.cloud.complaints, {
            "accountId": aws_world.ACCOUNT, "instanceId": "i-0abc", "region": aws_world.REGION,
            "availabilityZone": "eu-west-1b"})
        metadata.this_host(service.items)
        self.cloud.routes[namespace.AWS_METADATA] = service

    def accounts(self):
        """An account of each kind that is read; ClickHouse's and Azure's secrets are in a file."""
        secret = self.place.write("secret", SECRET + "\n")
        return f'''
[[account]]
name = "acme-aws"
provider = "aws"
region = "{aws_world.REGION}"
[[account]]
name = "acme-azure"
provider = "azure"
subscription = "{azure_world.SUBSCRIPTION}"
tenant_id = "{azure_world.TENANT}"
client_id = "{APPLICATION}"
client_secret_file = "{secret}"
[[account]]
name = "acme-clickhouse"
provider = "clickhouse"
key_id = "{KEY}"
key_secret_file = "{secret}"
'''

    def environment(self, **more):
        """Of a user with keys of AWS."""
        return {"PATH": os.environ["PATH"], "HOME": self.place.folder, "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET, **sanitizer_options(), **more}

    def run_whylink(self, *words, **environment):
        return subprocess.run([WHYLINK, *words], env=self.environment(**environment), check=False, capture_output=True,
                              text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)

    def report(self, config):
        path = self.place.write("whylink.toml", config)
        begun = time.monotonic()
        done = self.run_whylink("check", "--config", path, "--format", "json")
        seconds = time.monotonic() - begun
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertNotIn(PLANTED, done.stdout + done.stderr)
        return Report(json.loads(done.stdout), seconds)

    def report_with_accounts(self, target):
        """On a slow machine the APIs may not be read in time: that has a test of its own."""
        for _ in range(ATTEMPTS):
            self.clickhouse.forget_requests()
            report = self.report(target + self.accounts())
            if report.was_read_in_time():
                break
        return report

    def expect(self, target, known, names, unknown):
        """The verdict with accounts, what it names, and the verdict without: (cause, confidence)."""
        without = self.report(target)
        self.assertEqual(without.verdict, unknown, without.text)
        report = self.report_with_accounts(target)
        self.assertEqual(report.verdict, known, report.text + json.dumps(report.reads()))
        for name in names:
            self.assertIn(name, report.text)
            self.assertNotIn(name, without.text)
        return report


def sanitizer_options():
    return {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}


def endpoint(profile, host, resolver="", name="t"):
    resolvers = f'resolvers = ["{resolver}"]\n' if resolver else ""
    return f'[[endpoint]]\nname = "{name}"\nprofile = "{profile}"\nhost = "{host}"\n{resolvers}timeout = "900ms"\n'


def watch(profile, port, more=""):
    return (f'[[watch]]\nname = "t"\ndirection = "inbound"\nprofile = "{profile}"\nport = {port}\nwindow = "2s"\n'
            f'{more}')


class Names:
    """A DNS server on this host."""

    def __init__(self, test, records):
        server = servers.Dns(records)
        self.resolver = server.resolver
        test.addCleanup(server.close)
