#!/usr/bin/env python3
"""usage: share.py BUILD: which share of the failing rows of the kernel tables ends at `high`, without accounts and with them.

Each table runs as it is. Its rows that end below `high` run again, with the account behind them that has a fault which fits
their symptom (FITS): a reader of accounts written here says so, about the addresses and names that whylink asks for. Rows
whose cause no account knows about count as they are, and so do rows of `zone`.

The walk-throughs are the pages' own failures, so their number says what accounts are worth. In the other tables some faults
are of this host or of a middlebox, whatever the account says: there the second number is an upper bound."""

import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# By the folder below tests/.
TABLES = {"walkthrough": "walkthrough", "netns": "netns", "field": "netns", "applications": "applications",
          "confounders": "confounders"}
# By the cause without accounts: what the account says that makes it so, one after the other.
FITS = {"syn_unanswered": ("pending", "rule"), "not_on_allowlist": ("not_listed",), "service_failing": ("not_listed",),
        "backend_silent": ("no_healthy_target",), "connection_refused": ("no_healthy_target",),
        "private_dns_missing": ("zone_not_linked",), "private_dns_bypassed": ("zone_not_linked",),
        "proxy_protocol_mismatch": ("proxy_header",), "no_inbound_traffic": ("pending",)}
# Those that are read; GCP's is not yet.
ACCOUNTS = "".join(f'\n[[account]]\nname = "{provider}"\nprovider = "{provider}"\n{more}' for provider, more in (
    ("aws", ""), ("azure", ""), ("clickhouse", 'key_id = "key"\nkey_secret_file = "/dev/null"\n')))

# Takes the place of the program: gives `check` and `diagnose` an account of each kind.
WRAPPER = '''\
#!/usr/bin/python3
import os, sys
words = sys.argv[1:]
if words[:1] == ["check"]:
    with open(words[2], "a") as config:
        config.write({accounts!r})
if words[:1] == ["diagnose"]:
    words.append("--control")
os.execv({program!r}, [{program!r}, *words])
'''

READER = '''\
#!/usr/bin/python3
import json, socket, sys, time

SERVICE = "vpce-svc-0a"

def facts(truth, subject, origin):
    host = subject.get("host", "")
    zone = host.partition(".")[2]
    state = "waiting" if truth == "pending" else "available"
    word = "pendingAcceptance" if truth == "pending" else "available"
    found = {{
        "endpoints": [{{"origin": origin, "id": subject.get("endpoint_id") or "vpce-0abc", "state": state,
                       "state_word": word, "service": SERVICE, "owner": "1",
                       "interfaces": {{"complete": True, "items": [
                           {{"id": "eni-1", "network": "net", "addresses": subject.get("addresses", []),
                            "security_groups": ["sg-0abc"]}}]}}, "security_groups": ["sg-0abc"]}}],
        "instances": [{{"origin": origin, "cloud": "aws", "id": "i-1", "interfaces": [
            {{"id": "eni-9", "network": "net", "addresses": subject.get("sources", [])}}]}}],
        "services": [{{"origin": origin, "own": True, "id": SERVICE, "name": SERVICE, "balancers": ["lb"]}}],
        "listeners": [{{"origin": origin, "id": "l", "balancer": "lb", "port": subject.get("port", 0),
                       "protocol": "TCP", "target_groups": ["tg"]}}]}}
    if truth == "rule":
        found["security_groups"] = [{{"origin": origin, "id": "sg-0abc", "rules": {{"complete": True}}}}]
    healthy = truth != "no_healthy_target"
    found["target_groups"] = [{{"origin": origin, "id": "tg", "name": "group", "protocol": "TCP",
                               "port": subject.get("port", 0), "proxy_header": truth == "proxy_header",
                               "targets": {{"complete": True, "items": [
                                   {{"id": "i-1", "port": subject.get("port", 0),
                                    "state": "healthy" if healthy else "unhealthy",
                                    "state_word": "healthy" if healthy else "unhealthy"}}]}}}}]
    if subject.get("side") == "provider":
        found["connections"] = [{{"origin": origin, "service": SERVICE, "endpoint": "vpce-0eee", "owner": "2",
                                 "state": state, "state_word": word}}]
    # Read in full, so that what is not there does not exist.
    found["complete"] = [{{"origin": origin, "read": kind}}
                         for kind in ("vpc_endpoint", "service", "connection", "private_dns_zone")]
    if truth == "zone_not_linked" and zone:
        found["zones"] = [{{"origin": origin, "id": zone, "name": zone, "asked": [host],
                           "links": {{"complete": True, "items": [{{"id": "l", "network": "other",
                                                                  "state": "Completed"}}]}},
                           "records": {{"complete": True, "items": [{{"name": host, "type": "A",
                                                                    "values": ["10.0.0.4"]}}]}}}}]
    return found

def of_vendor(truth, subject, origin):
    # A public name has another list.
    if not any(label in subject.get("host", "") for label in (".privatelink.", ".vpce.", ".p.")):
        return {{}}
    ids = [] if truth == "not_listed" else [subject.get("endpoint_id") or "vpce-0abc"]
    return {{"vendor_services": [{{"origin": origin, "id": subject.get("service") or "service", "name": "prod",
                                  "state": "running", "private_host": subject.get("host", ""),
                                  "allow_list": {{"complete": True, "items": ids}}}}]}}

connection = socket.socket(fileno=int(sys.argv[2]))
for line in connection.makefile():
    request = json.loads(line)
    message = request["message"]
    account = {{"provider": "aws", **message.get("account", {{}})}}  # the first of a kind is left out
    origin = {{"account": account.get("name", ""), "read_at": int(time.time() * 1000)}}
    readings = {{}}
    # The tables' configurations have one target that matters; of several each has its own addresses.
    for subject in message.get("subjects", []) if account["provider"] != "gcp" else []:
        made = (of_vendor if account["provider"] == "clickhouse" else facts)({truth!r}, subject, origin)
        for kind, items in made.items():
            readings.setdefault(kind, []).extend(items)
    answer = {{"kind": "readings", "message": {{"id": message["id"], "readings": {{"facts": readings}}}}}}
    connection.sendall(json.dumps(answer).encode() + b"\\n")
'''


def write_program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Share:
    def __init__(self, build, folder):
        self._build = build
        self._folder = folder

    def run(self, table, truth=None, rows=()):
        """Of each failing row the cause and the confidence. `rows`: those that are to run; all."""
        place = self._folder / (truth or "none") / table
        place.mkdir(parents=True)
        program = self._build / f"tests/{TABLES[table]}/whylink_{table}_tests"
        words = [program, "--gtest_brief=1"]
        if rows:
            words.append("--gtest_filter=" + ":".join(f"*IsDiagnosed/{row}" for row in rows))
        if truth:
            words = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"',
                     self._wrapper(truth), self._build / "daemon/whylink", *words]
        # With accounts other verdicts than the table expects are the point.
        subprocess.run(words, env={**os.environ, "WHYLINK_KEEP_REPORTS": str(place)}, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return {row.stem: verdict for row in sorted(place.glob("*.json")) if (verdict := verdict_of(row))}

    def _wrapper(self, truth):
        home = self._folder / f"program-{truth}"
        if not home.exists():
            home.mkdir()
            shutil.copy(self._build / "daemon/whylink", home / "whylink")
            write_program(home / "whylink-control", READER.format(truth=truth))
            write_program(home / "wrapper", WRAPPER.format(accounts=ACCOUNTS, program=str(home / "whylink")))
        return home / "wrapper"


def verdict_of(path):
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None  # a row without a report
    entries = [entry for kind in ("endpoints", "zones", "watches") for entry in document.get(kind, [])]
    failing = [entry["diagnosis"] for entry in entries if not entry["healthy"]]
    return (failing[0]["cause"], failing[0]["confidence"]) if failing else None


def percent(part, whole):
    return f"{part} of {whole} ({100 * part / max(whole, 1):.0f} %)"


def fitting(below, truth):
    """The rows whose symptom the fault makes."""
    return sorted(row for row, (cause, _) in below.items() if truth in FITS.get(cause, ()))


def main():
    build = Path(sys.argv[1]).resolve()
    failing, settled = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        share = Share(build, Path(folder))
        for table in TABLES:
            without = share.run(table)
            below = {row: verdict for row, verdict in without.items() if verdict[1] != "high"}
            failing |= {(table, row): verdict for row, verdict in without.items()}
            for truth in sorted({truth for truths in FITS.values() for truth in truths}):
                rows = fitting(below, truth)
                found = share.run(table, truth, rows) if rows else {}
                settled |= {(table, row): verdict for row, verdict in found.items() if verdict[1] == "high"}
            print(f"{table}: {len(without)} rows fail, {len(below)} below high", file=sys.stderr, flush=True)
    report(failing, settled)


def report(failing, settled):
    below = {row: cause for row, (cause, confidence) in failing.items() if confidence != "high"}
    for table in (*TABLES, "all"):
        rows = [row for row in failing if table in (row[0], "all")]
        high = [row for row in rows if row not in below]
        also = [row for row in rows if row in settled]
        print(f"{table}: failing rows at high without accounts {percent(len(high), len(rows))}, "
              f"with accounts {percent(len(high) + len(also), len(rows))}")
    settled_by = collections.Counter(below[row] for row in settled)
    print("below high without accounts, by cause; of these high with accounts:")
    for cause, number in collections.Counter(below.values()).most_common():
        print(f"  {cause:28} {number:4} {settled_by[cause]:4}")


if __name__ == "__main__":
    main()
