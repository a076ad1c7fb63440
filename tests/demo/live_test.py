#!/usr/bin/python3
"""Watches the running demo from outside, through its relay: the metrics name every intended cause, the lively link
breaks and is mended, and `whylink status` can be asked. A second demo on the same port says that it is taken.

usage: live_test.py WHYLINK_DEMO WHYLINK
"""
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request

from lab_watch import DEADLINE, need_root, wait_until

OUTAGE = "12"  # seconds: two rounds, after which the health turns, and some to spare


def labels_of(text):
    return dict(re.findall(r'(\w+)="([^"]*)"', text))


class Metrics:
    """What the page says now; nothing before it is there."""

    def __init__(self, url):
        self.lines = []
        try:
            with urllib.request.urlopen(url + "/metrics", timeout=DEADLINE) as page:
                self.lines = page.read().decode().splitlines()
        except (urllib.error.URLError, ConnectionError):
            pass  # the daemon does not listen yet

    def series(self, metric):
        for line in self.lines:
            match = re.fullmatch(metric + r"\{(.*)\} (\S+)", line)
            if match:
                yield labels_of(match[1]), float(match[2])

    def causes(self):
        return {labels["name"]: labels["cause"] for labels, value in self.series("whylink_diagnosis") if value == 1}

    def healthy(self, name):
        return next((value == 1 for labels, value in self.series("whylink_healthy") if labels["name"] == name), None)


def intended(program):
    """The causes of those that stay as they are, and the name of the one that comes and goes."""
    lines = subprocess.run([program, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    steady = dict(line.split() for line in lines if "comes and goes" not in line)
    lively = [line.split()[0] for line in lines if "comes and goes" in line]
    if len(lively) != 1 or len(steady) < 10:
        sys.exit(f"unexpected list: {lines}")
    return steady, lively[0]


def url_in(demo):
    for line in demo.stdout:
        match = re.search(r"curl (http://\S+)/metrics", line)
        if match:
            return match[1]
    sys.exit(f"the demo did not say where its metrics are, and ended with {demo.wait()}")


def refuses_a_taken_place(program, place):
    done = subprocess.run([program, "--listen", place], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=DEADLINE, check=False)
    if done.returncode != 1 or "Address already in use" not in done.stderr or place not in done.stderr:
        sys.exit(f"a taken place ended with {done.returncode}: {done.stderr}")


def refuses_bad_places(program):
    for arguments in (["--listen"], ["--listen", "9797"], ["--listen", "localhost:1"], ["--listen", "::1:9797"],
                      ["--listen", "127.0.0.1:65536"], ["--outage", "0"], ["--outage", "soon"], ["--twice"]):
        done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=DEADLINE, check=False)
        if done.returncode != 2 or not done.stderr.startswith("usage:"):
            sys.exit(f"{arguments} ended with {done.returncode}: {done.stderr}")


def answers_a_client_that_ends_its_side(url):
    """The relay passes the end of one direction on and keeps the other."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as client:
        client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200"):
        sys.exit(f"/-/healthy answered {answer}")


def main():
    program, whylink = sys.argv[1:3]
    need_root()
    steady, lively = intended(program)
    refuses_bad_places(program)
    with subprocess.Popen([program, "--listen", "127.0.0.1:0", "--outage", OUTAGE], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as demo:
        try:
            url = url_in(demo)
            wait_until(f"/metrics has {steady}", lambda: steady.items() <= Metrics(url).causes().items())
            wait_until(f"{lively} is broken", lambda: Metrics(url).healthy(lively) is False)
            wait_until(f"{lively} is mended", lambda: Metrics(url).healthy(lively) is True)
            answers_a_client_that_ends_its_side(url)
            refuses_a_taken_place(program, url.removeprefix("http://"))
            status = subprocess.run([whylink, "status", "--url", url], stdout=subprocess.PIPE, text=True, check=False,
                                    timeout=DEADLINE)
            if status.returncode != 1 or not all(name in status.stdout for name in steady):
                sys.exit(f"whylink status ended with {status.returncode}:\n{status.stdout}")
        finally:
            demo.terminate()


main()
