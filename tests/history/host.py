"""What the tests of the history share: servers that come and go, a daemon in namespaces of its own, and its history."""

import json
import sqlite3
import sys
from pathlib import Path

for folder in ("support", "cli"):
    sys.path.append(str(Path(__file__).resolve().parents[1] / folder))

import running  # noqa: E402
import servers  # noqa: E402, F401

HEAD = """[daemon]
listen = "%s:%d"
log_format = "json"
[capture]
evidence_dir = "{state}/evidence"
[defaults]
interval = "1s"
timeout = "1s"
failure_threshold = 1
""" % running.LISTEN


def endpoint(name, port, rest='tls = false\nsettle = "0s"', host="127.0.0.1"):
    return f'[[endpoint]]\nname = "{name}"\nhost = "{host}"\nport = {port}\n{rest}\n'


class Place:
    """A folder with the configuration, the log and the state of a daemon."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.state = self.folder / "state"
        self.state.mkdir()
        self.config = self.folder / "whylink.toml"
        self.log = self.state / "log"

    def configure(self, *tables):
        self.config.write_text(HEAD.format(state=self.state) + "".join(tables), encoding="utf-8")

    def start(self, program):
        daemon = running.start_daemon(program, str(self.config), str(self.log))
        running.wait_until("every target had its first round", running.is_ready)
        return daemon

    def records(self):
        """Of the log of the present run."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def complaints(self):
        return [record for record in self.records() if record["event"] == "history" and record["level"] == "warn"]

    def read(self, query):
        """Rows of the history, as any reader sees them."""
        connection = sqlite3.connect(f"file:{self.state}/history.db?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def number(self, query):
        return self.read(query)[0][0]


def report():
    """By name."""
    document = json.loads(running.Page("/api/v1/report").body)
    return {entry["name"]: entry for entry in document["endpoints"]}


def metric(name):
    """The sum over all series of that name."""
    text = running.Page("/metrics").body.decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.partition("{")[0].partition(" ")[0] == name)
