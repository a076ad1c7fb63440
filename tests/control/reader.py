"""whylink-control, as whylink starts it: one end of a pair of sockets, requests and answers as lines of JSON."""

import json
import socket
import subprocess

DEADLINE = 60


class Reader:
    """Runs until close(). `environment` is all that it has; `more` is for Popen."""

    def __init__(self, program, environment, log, **more):
        ours, theirs = socket.socketpair()
        ours.settimeout(DEADLINE)
        self._socket = ours
        self._lines = ours.makefile("r", encoding="utf-8")
        self._number = 0
        with open(log, "ab") as file:
            self._process = subprocess.Popen([program, "--connection", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                                             env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                             **more)
        self.pid = self._process.pid
        theirs.close()

    def ask(self, kind, **message):
        """The answer's kind and message."""
        self._number += 1
        line = json.dumps({"kind": kind, "message": {"id": self._number, **message}})
        self._socket.sendall(line.encode() + b"\n")
        answer = json.loads(self._lines.readline())
        return answer["kind"], answer["message"]

    def read(self, account, *subjects, **more):
        kind, message = self.ask("read", account=account, subjects=list(subjects), **more)
        assert kind == "readings", message
        return Readings(message)

    def check(self, account):
        kind, message = self.ask("check", account=account)
        assert kind == "access", message
        return message

    def close(self):
        """The exit status."""
        self._lines.close()
        self._socket.close()
        return self._process.wait(DEADLINE)


class Readings:
    """An answer to a read."""

    def __init__(self, message):
        self.text = json.dumps(message)
        readings = message.get("readings", {})
        self.reads = readings.get("reads", [])
        self.facts = readings.get("facts", {})
        self.calls = {(call.get("read"), call.get("result", "ok")): call.get("count", 0)
                      for call in message.get("calls", [])}

    def results(self, read):
        """How the reads with this name ended."""
        return {one.get("result", "ok") for one in self.reads if one.get("read") == read}

    def words(self, read):
        """Of the first read with this name."""
        for one in self.reads:
            if one.get("read") == read and one.get("facts"):
                return {word["name"]: word["value"] for word in one["facts"]}
        return {}

    def detail(self, read):
        return next((one.get("detail", "") for one in self.reads if one.get("read") == read), None)
