#!/usr/bin/python3
"""usage: tests/bench/capture.py BUILD_DIR [--seconds N]

What packet capture takes, on loopback in a network namespace of its own: the packets a second that are read without a
drop, beside `tcpdump -w /dev/null` with the same filter and ring, and the cost of foreign traffic that the filter keeps
out. Nothing is asserted: the table says what this machine does."""

import argparse
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

WANTED, FOREIGN = 5353, 5354
RATES = [25_000, 50_000, 100_000, 150_000, 200_000, 300_000, 400_000, 600_000]
RING_KIB = 8192
FOREIGN_TARGET = 2  # percent of a core


def load(program, port, seconds, rate):
    command = [program, "load", str(port), str(seconds), str(rate)]
    return int(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def ours(program, port, seconds, rate):
    """Packets sent, dropped, CPU seconds."""
    command = [program, "capture", "lo", str(WANTED), str(seconds + 1)]
    capture = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    capture.stdout.readline()
    sent = load(program, port, seconds, rate)
    words = capture.communicate()[0].split()
    return sent, int(words[1]), float(words[2])


def tcpdump(program, port, seconds, rate):
    command = ["tcpdump", "-i", "lo", "-n", "-p", "--immediate-mode", "-B", str(RING_KIB), "-s", "2048", "-w", "/dev/null",
               f"port {WANTED} and host 127.0.0.1"]
    capture = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while "listening" not in capture.stderr.readline():
        pass
    sender = subprocess.Popen([program, "load", str(port), str(seconds), str(rate)], stdout=subprocess.PIPE, text=True)
    sent = int(sender.communicate()[0])
    with open(f"/proc/{capture.pid}/stat", encoding="ascii") as stat:
        ticks = stat.read().rsplit(")", 1)[1].split()[11:13]
    capture.terminate()
    said = capture.communicate()[1]
    dropped = int(re.search(r"(\d+) packets dropped by kernel", said)[1])
    return sent, dropped, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def sustained(name, measure, program, seconds):
    best = 0
    for rate in RATES:
        sent, dropped, cpu = measure(program, WANTED, seconds, rate)
        print(f"  {name:<10} {sent / seconds:>10.0f} packets/s  {dropped:>9} dropped  {100 * cpu / seconds:>6.1f} % of a core"
              f"  {1e6 * cpu / max(sent, 1):>6.2f} us/packet", flush=True)
        if dropped:
            break
        best = sent / seconds
    return best


def foreign(program, seconds):
    sent, _, cpu = ours(program, FOREIGN, seconds, 0)
    share = 100 * cpu / seconds
    print(f"  foreign    {sent / seconds:>10.0f} packets/s  {share:.2f} % of a core, target {FOREIGN_TARGET} %  "
          f"{'pass' if share < FOREIGN_TARGET else 'FAIL'}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("build", type=Path)
    arguments.add_argument("--seconds", type=float, default=5)
    options = arguments.parse_args()
    if "WHYLINK_BENCH_INSIDE" not in os.environ:
        os.environ["WHYLINK_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    program = str(options.build / "tests/bench/whylink-bench-capture")
    # Somebody listens, so that no ICMP goes back; nobody reads.
    sinks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in (WANTED, FOREIGN)]
    for sink, port in zip(sinks, (WANTED, FOREIGN)):
        sink.bind(("127.0.0.1", port))
    print("packets a second without a drop")
    best = sustained("whylink", ours, program, options.seconds)
    print(f"  whylink {best:.0f}, tcpdump {sustained('tcpdump', tcpdump, program, options.seconds):.0f}")
    foreign(program, options.seconds)


if __name__ == "__main__":
    main()
