"""What somebody else may do to the folder of evidence, and what may not happen to it then."""

import json
import os
import subprocess
from pathlib import Path

import peer
from engine import NAME

PRECIOUS = b"not to be touched\n"


def stamp(i):
    return f"20260101T{i // 3600 % 24:02}{i // 60 % 60:02}{i % 60:02}.{i // 86400 % 1000:03}Z"


def evidence_name(i, target="other", cause="connection_refused"):
    return f"{stamp(i)}_{target}_{cause}.pcapng"


def fill(run, count):
    """Empty files, of other targets: the limit in bytes is far away."""
    run.evidence.mkdir(mode=0o750)
    for i in range(count):
        os.close(os.open(run.evidence / evidence_name(i, f"other-{i % 100}"), os.O_CREAT | os.O_WRONLY, 0o640))


def put_strange_ones(run):
    """Names of evidence that are links, a pipe and a folder."""
    run.evidence.mkdir(mode=0o750)
    run.precious = Path(run.directory, "precious")
    run.precious.write_bytes(PRECIOUS)
    os.chmod(run.precious, 0o600)
    for i in range(20):
        os.link(run.precious, run.evidence / evidence_name(i))
    os.symlink(run.precious, run.evidence / evidence_name(20))
    os.symlink("/dev/zero", run.evidence / evidence_name(21))
    os.symlink(run.evidence, run.evidence / evidence_name(22))
    os.mkfifo(run.evidence / evidence_name(23))
    (run.evidence / evidence_name(24)).mkdir()
    os.mkfifo(run.evidence / ".whylink-draft")


def mount_read_only(run):
    run.evidence.mkdir(mode=0o750)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "whylink-test", run.evidence], check=True)


def mount_full(run):
    run.evidence.mkdir(mode=0o750)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "whylink-test", run.evidence], check=True)
    (run.evidence / "somebody else's").write_bytes(bytes(64 << 10))


class Flapping(peer.Peer):
    """Fails in another way in each round, so that each has something to keep: resets, or `size` bytes that are no
    handshake. The resolver tells it when a round begins."""

    def __init__(self, size=1000):
        self._size, self._resets = size, False
        super().__init__()

    def turn(self):
        self._resets = not self._resets

    def serve(self, connection):
        self.hear(connection)
        if self._resets:
            peer.end_with_reset(connection)
        else:
            connection.sendall(b"\x16\x03\x03\x40\x00\x02" + os.urandom(self._size))
            self.drain(connection)


# ---- what has to hold afterwards ----

def precious_is_whole(run):
    if run.precious.read_bytes() != PRECIOUS:
        run.problems.append("a file that a link in the folder leads to was changed")
    if run.precious.stat().st_mode & 0o777 != 0o600:
        run.problems.append("the permissions of a file that a link in the folder leads to were changed")


def strange_ones_stay(run):
    for i in (20, 21, 22, 23, 24):
        if not os.path.lexists(run.evidence / evidence_name(i)):
            run.problems.append(f"{evidence_name(i)}, which is none of ours, is gone")


def kept_evidence(run):
    files = sum(f"_{NAME}_" in name for name in os.listdir(run.evidence))
    run.figures["evidence"] = files
    if files == 0:
        run.problems.append("no evidence was kept")


def few_files(run):
    run.hold("evidence files", len(os.listdir(run.evidence)), 20_000)


def quiet_kept_its_own(run):
    if not any("_quiet_" in name for name in os.listdir(run.evidence)):
        run.problems.append("the evidence of a target that failed once is gone")


def complained_once(run):
    """Of what the disk refuses, not of each file."""
    records = [json.loads(line) for line in run.log_lines()]
    run.hold("complaints", sum(record["level"] in ("warn", "error") and "name" not in record for record in records), 1)
