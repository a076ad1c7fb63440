"""Runs the real program beside a reader of accounts that says what a test wants: what comes into the report, and when."""

import json
import os
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import jsonschema

import servers

WHYLINK = os.environ["WHYLINK"]
DEADLINE = 60

with open(os.environ["WHYLINK_SCHEMA"], encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)

# Answers each request by answer(kind, message), which the test writes: (kind, message without its id), or None for none.
READER = '''\
#!/usr/bin/python3
import json, socket, sys, time

{answer}

with open({log!r}, "a") as log:
    connection = socket.socket(fileno=int(sys.argv[2]))
    for line in connection.makefile():
        request = json.loads(line)
        print(line, end="", file=log, flush=True)
        answered = answer(request["kind"], request["message"])
        if answered is not None:
            kind, message = answered
            message["id"] = request["message"]["id"]
            connection.sendall(json.dumps({{"kind": kind, "message": message}}).encode() + b"\\n")
'''

PENDING = '''
def answer(kind, message):
    now = int(time.time() * 1000)
    origin = {"account": message["account"]["name"], "read_at": now}
    endpoint = {"origin": origin, "id": "vpce-0abc", "state": "waiting", "state_word": "pendingAcceptance",
                "interfaces": {"items": [{"id": "eni-1", "addresses": ["127.0.0.1"]}], "complete": True}}
    read = {"account": message["account"]["name"], "read": "vpc_endpoint", "read_at": now,
            "facts": [{"name": "id", "value": "vpce-0abc"}, {"name": "state", "value": "pendingAcceptance"}],
            "targets": [message["subjects"][0]["target"]]}
    return "readings", {"readings": {"reads": [read], "facts": {"endpoints": [endpoint]}}}
'''

SILENT = '''
def answer(kind, message):
    return None
'''

WHERE = '''
def answer(kind, message):
    return "readings", {"readings": {"facts": {"instances": [
        {"cloud": "aws", "region": "eu-west-1", "zone": "eu-west-1a", "origin": {"read_at": 1767225600000}}]}}}
'''

ACCESS = '''
def answer(kind, message):
    access = [{"operation": "ec2:DescribeVpcEndpoints", "permission": "ec2:DescribeVpcEndpoints"}]
    policy = ""
    if message["account"]["name"] == "poor":
        access.append({"operation": "ec2:DescribeNetworkAcls", "permission": "ec2:DescribeNetworkAcls",
                       "result": "forbidden"})
        policy = '{"Version": "2012-10-17"}'
    return "access", {"account": message["account"]["name"], "identity": "arn:aws:iam::1:role/r", "access": access,
                      "policy": policy}
'''

TWO_ACCOUNTS = '''
daemon.allow_empty = true
[[account]]
name = "rich"
provider = "aws"
[[account]]
name = "poor"
provider = "aws"
'''


class Accounts(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="whylink-accounts-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.whylink = os.path.join(self.directory, "whylink")
        shutil.copy(WHYLINK, self.whylink)
        self.log = os.path.join(self.directory, "requests")

    def reader(self, answer):
        path = os.path.join(self.directory, "whylink-control")
        with open(path, "w", encoding="utf-8") as file:
            file.write(READER.format(answer=textwrap.dedent(answer), log=self.log))
        os.chmod(path, 0o700)

    def config(self, text):
        path = os.path.join(self.directory, "whylink.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_whylink(self, *arguments):
        return subprocess.run([self.whylink, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE, check=False)

    def report(self, *arguments):
        done = self.run_whylink(*arguments, "--format", "json")
        document = json.loads(done.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        return document

    def requests(self):
        with open(self.log, encoding="utf-8") as log:
            return [json.loads(line) for line in log]

    def diagnose(self, *options):
        """Of a port that nobody listens on."""
        port = servers.closed_port()
        return self.report("diagnose", f"127.0.0.1:{port}", "--no-tls", "--profile", "aws", *options)["endpoints"][0]

    def test_an_account_of_the_configuration(self):
        self.reader(PENDING)
        config = self.config(TWO_ACCOUNTS)
        entry = self.diagnose("--config", config, "--account", "rich")
        self.assertEqual([(read["account"], read["read"], read["result"]) for read in entry["control"]],
                         [("rich", "vpc_endpoint", "ok")])
        self.assertEqual(entry["control"][0]["facts"], {"id": "vpce-0abc", "state": "pendingAcceptance"})
        self.assertEqual({request["kind"] for request in self.requests()}, {"read"})
        self.assertEqual(self.requests()[0]["message"]["subjects"][0]["addresses"], ["127.0.0.1"])

    def test_the_account_that_the_sdk_finds(self):
        self.reader(PENDING)
        entry = self.diagnose("--control")
        self.assertEqual(entry["control"][0]["account"], "aws")
        self.assertTrue(self.requests()[0]["message"]["account"]["interactive"])

    def test_nothing_is_asked_unless_it_is_wanted(self):
        self.reader(PENDING)
        self.assertNotIn("control", self.diagnose())
        self.assertFalse(os.path.exists(self.log))

    def test_a_reader_that_is_silent_changes_no_cause(self):
        self.reader(SILENT)
        entry = self.diagnose("--control")
        self.assertEqual(entry["diagnosis"]["cause"], self.diagnose()["diagnosis"]["cause"])
        self.assertEqual({read["result"] for read in entry["control"]}, {"unreachable"})

    def test_a_reader_that_is_not_there_changes_no_cause(self):
        entry = self.diagnose("--control")
        self.assertEqual(entry["diagnosis"]["cause"], self.diagnose()["diagnosis"]["cause"])
        self.assertEqual(entry["control"][0]["detail"], "whylink-control is not installed")

    def test_where_this_host_is(self):
        self.reader(WHERE)
        port = servers.closed_port()
        document = self.report("diagnose", f"127.0.0.1:{port}", "--no-tls", "--where")
        self.assertEqual(document["host"]["where"],
                         {"cloud": "aws", "read_at": "2026-01-01T00:00:00.000Z", "region": "eu-west-1",
                          "zone": "eu-west-1a"})

    def test_an_unknown_account_is_a_mistake(self):
        self.reader(PENDING)
        done = self.run_whylink("diagnose", "127.0.0.1:9", "--config", self.config(TWO_ACCOUNTS), "--account", "ritch")
        self.assertEqual(done.returncode, 2)
        self.assertIn('no [[account]] is named "ritch"; did you mean "rich"?', done.stderr)

    def test_account_check(self):
        self.reader(ACCESS)
        config = self.config(TWO_ACCOUNTS)
        done = self.run_whylink("account", "check", "rich", "--config", config)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("rich (AWS)", done.stdout)
        done = self.run_whylink("account", "check", "--config", config)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ec2:DescribeNetworkAcls: permission missing: ec2:DescribeNetworkAcls", done.stdout)
        self.assertIn('{"Version": "2012-10-17"}\n', done.stdout)
        done = self.run_whylink("account", "check", "--format", "json", "--config", config)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        accounts = json.loads(done.stdout)["accounts"]
        self.assertEqual([(one["account"], one["readable"]) for one in accounts], [("rich", True), ("poor", False)])
        self.assertEqual(accounts[1]["access"][1]["result"], "forbidden")
        done = self.run_whylink("account", "check", "ritch", "--config", config)
        self.assertEqual(done.returncode, 2)
        self.assertIn('did you mean "rich"?', done.stderr)

    def test_a_recorded_failure_has_what_the_account_said(self):
        self.reader(PENDING)
        file = os.path.join(self.directory, "db.json")
        self.diagnose("--control", "--record", file)
        with open(os.path.join(self.directory, "db.accounts.json"), encoding="utf-8") as recorded:
            (own,) = json.load(recorded).values()
        self.assertEqual(own["subject"]["addresses"], ["127.0.0.1"])
        self.assertEqual(own["readings"]["facts"]["endpoints"][0]["state"], "waiting")
        self.assertGreaterEqual(own["readings"]["reads"][0]["read_at"], own["failing_since"])
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)

    def test_account_check_without_accounts_or_reader(self):
        done = self.run_whylink("account", "check", "--config", self.config("daemon.allow_empty = true\n"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("no [[account]] is configured", done.stderr)
        done = self.run_whylink("account", "check", "--config", self.config(TWO_ACCOUNTS))
        self.assertEqual(done.returncode, 1)
        self.assertIn("whylink-control is not installed", done.stdout)


if __name__ == "__main__":
    unittest.main()
