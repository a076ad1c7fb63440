#!/usr/bin/env python3
"""A secret is planted in every credential, and looked for in every output, log, file and page, and in the memory of the
program that checks links."""

import base64
import gzip
import os
import resource
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from lab import (ENDPOINT_ADDRESS, KEY, ON_AZURE, PLANTED, SECRET, WHYLINK, Lab, Names, azure_world, aws_world, cloud,
                 endpoint, namespace, sanitizer_options)
from reader import Reader

running = namespace.running
TOKEN = f"{PLANTED}-session-token-0123456789abcdef=="
PROXY = f"http://user:{PLANTED}-password-of-the-proxy@{namespace.WRONG_API}:3128"
ON_AWS = "abcd.eu-west-1.vpce.aws.clickhouse.cloud"
NOBODY = 65534
# Shadow memory of a sanitizer.
MAX_MAPPING = 1 << 30
PAGES = ("/", "/metrics", "/api/v1/report", "/api/v1/history", "/-/healthy", "/-/ready")


class Secrets(Lab):
    """Both links are down, so that everything is said of them."""

    def setUp(self):
        super().setUp()
        self.aws.add_key(KEY, SECRET, TOKEN)
        self.secrets = [PLANTED.encode(), base64.b64encode(f"{KEY}:{SECRET}".encode()),
                        base64.b64encode(PLANTED.encode())[:9]]
        names = Names(self, {azure_world.HOST: ENDPOINT_ADDRESS, ON_AWS: ENDPOINT_ADDRESS})
        self.targets = (endpoint("clickhouse-azure", azure_world.HOST, names.resolver, "on-azure") +
                        endpoint("clickhouse-aws", ON_AWS, names.resolver, "on-aws"))
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.state = self.place.path(self._testMethodName)
        os.makedirs(self.state)
        self.config = self.place.write("secrets.toml", f'[daemon]\nlog_level = "trace"\n[capture]\nevidence_dir = "'
                                       f'{self.state}/evidence"\n{self.targets}{self.accounts()}')
        # Of files alone, so that the daemon has none of them.
        file = self.place.write("credentials", f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
                                               f"aws_session_token = {TOKEN}\n")
        self.files = {"PATH": os.environ["PATH"], "HOME": self.place.folder, "AWS_SHARED_CREDENTIALS_FILE": file,
                      "STATE_DIRECTORY": self.state, **sanitizer_options()}

    def expect_none(self, content, where):
        for secret in self.secrets:
            self.assertNotIn(secret, content, where)

    def run_all(self, *words, **environment):
        """Standard output of a command; nothing that it says has a secret."""
        self.clickhouse.forget_requests()
        done = subprocess.run([WHYLINK, *words, "--config", self.config], env={**self.files, **environment}, check=False,
                              capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        self.expect_none(done.stdout + done.stderr, words)
        return done.stdout

    def test_reports(self):
        for words in (["--format", "human"], ["--format", "human", "-v"], ["--format", "json"], ["--format", "nagios"]):
            self.assertIn(b"on-a", self.run_all("check", *words))
        self.assertIn(b"acme-azure", self.run_all("account", "check"))
        self.run_all("config", "show")
        self.run_all("config", "check")
        self.run_all("diagnose", f"{azure_world.HOST}:9440", "--control", "--where")

    def test_reports_of_keys_in_the_environment(self):
        keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
        for words in (["check", "--format", "human", "-v"], ["check", "--format", "json"], ["account", "check"]):
            self.run_all(*words, **keys)

    def test_apis_that_give_back_what_they_got(self):
        def echo(request):
            said = "\n".join([*(f"{name}: {value}" for name, value in request.headers.items()),
                              request.body.decode(errors="replace")])
            return cloud.Response(self.status, f"<Response><Errors><Error><Code>X</Code><Message>{said}</Message></Error>"
                                               f'</Errors></Response>', {"X-Said": said.replace("\n", " ")})

        self.cloud.routes = dict.fromkeys(self.cloud.routes, echo)
        for self.status in (200, 400, 401, 403, 500):
            self.run_all("check", "--format", "json")
            self.run_all("account", "check")

    def test_errors_of_json_that_give_back_what_they_got(self):
        def echo(request):
            said = request.headers.get("authorization", "") + request.body.decode(errors="replace")
            return azure_error(said)

        self.cloud.routes = dict.fromkeys(self.cloud.routes, echo)
        self.run_all("check", "--format", "json")
        self.run_all("account", "check")

    def test_a_proxy_with_a_password(self):
        for words in (["check", "--format", "json"], ["check", "--format", "human", "-v"], ["account", "check"]):
            self.run_all(*words, HTTPS_PROXY=PROXY, https_proxy=PROXY)

    def start_daemon(self):
        os.environ.update(self.files)
        self.addCleanup(lambda: [os.environ.pop(name) for name in ("AWS_SHARED_CREDENTIALS_FILE", "STATE_DIRECTORY")])
        daemon = running.start_daemon(WHYLINK, self.config, self.place.path("daemon.log"))
        self.addCleanup(lambda: daemon.running() and daemon.end())
        running.wait_until("accounts are read", lambda: b'"Pending"' in running.Page("/api/v1/report").body and
                           b'"pendingAcceptance"' in running.Page("/api/v1/report").body)
        return daemon

    def test_the_daemon(self):
        daemon = self.start_daemon()
        for path in PAGES:
            self.expect_none(running.Page(path).body, path)
        for words in (["status"], ["status", "-v"], ["status", "--format", "json"], ["history"]):
            self.run_all(*words)
        archive = os.path.join(self.state, "ticket.tar.gz")
        self.run_all("bundle", "-o", archive)
        with tarfile.open(archive, "r:gz") as files:
            names = files.getnames()
            for member in files.getmembers():
                self.expect_none(files.extractfile(member).read(), member.name)
        self.assertIn("report.json", [os.path.basename(name) for name in names])
        self.expect_none(self.memory_of(daemon.pid), "the daemon's memory")
        self.assertEqual(daemon.end(), 0)
        self.expect_none(daemon.log().encode(), "the log of both programs")
        kept = self.kept_files()
        self.assertIn("history.db", kept)

    def kept_files(self):
        """What the daemon left, unpacked where it is packed."""
        kept = []
        for folder, _, files in os.walk(self.state):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                kept.append(name)
                self.expect_none(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content, name)
        return kept

    def memory_of(self, pid):
        """What a core would have."""
        content = []
        with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
            for line in maps:
                places, access = line.split()[:2]
                begin, end = (int(place, 16) for place in places.split("-"))
                if access.startswith("rw") and end - begin <= MAX_MAPPING:
                    content.append(self.piece(memory, begin, end))
        content = b"\n".join(content)
        # What is there is found.
        self.assertIn(b"acme-azure", content)
        return content

    @staticmethod
    def piece(memory, begin, end):
        try:
            memory.seek(begin)
            return memory.read(end - begin)
        except OSError:
            return b""  # given back meanwhile

    def test_nobody_dumps_the_reader(self):
        before = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, before)
        reader = Reader(self.program_for_all(), {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET},
                        self.place.path("control.log"), user=NOBODY, group=NOBODY, extra_groups=[])
        self.addCleanup(reader.close)
        reader.check({"name": "acme-aws", "provider": "aws", "region": aws_world.REGION})
        with open(f"/proc/{reader.pid}/limits", encoding="ascii") as file:
            limit = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4:6], ["0", "0"])
        # Of a program that may be dumped and debugged they are its user's.
        self.assertEqual(os.stat(f"/proc/{reader.pid}/maps").st_uid, 0)
        with subprocess.Popen(["sleep", "60"], user=NOBODY, group=NOBODY, extra_groups=[]) as other:
            self.assertEqual(os.stat(f"/proc/{other.pid}/maps").st_uid, NOBODY)
            other.kill()

    def program_for_all(self):
        """A copy of the reader that every user may run."""
        folder = tempfile.mkdtemp()
        os.chmod(folder, 0o755)
        self.addCleanup(shutil.rmtree, folder)
        return shutil.copy(os.path.join(os.path.dirname(WHYLINK), "whylink-control"), folder)


def azure_error(said):
    text = said.replace("\\", "").replace('"', "'").replace("\n", " ")
    return cloud.Response(400, f'{{"error": {{"code": "X", "message": "{text}"}}, "error_description": "{text}", "status": '
                               f'400}}', {"Content-Type": "application/json"})


def main():
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
