#!/usr/bin/python3
"""usage: tests/bench/experiments.py BUILD_DIR [--minutes N] [--endpoints N]

1,000 endpoints that all fail, every 5 s, with experiments: half of them reset what they accept, half are black holes. In
a network namespace of its own. Fails when a round does not end within its interval, or when no experiment was made."""

import argparse
import asyncio
import multiprocessing
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import running  # noqa: E402
from daemon_pages import Counters, percentile  # noqa: E402

INTERVAL = 5  # seconds
RESETTING = "127.1.{}.{}"
BLACK_HOLES = "127.2.{}.{}"
PORT = 9440
DROP = "table inet lab { chain input { type filter hook input priority 0; ip daddr 127.2.0.0/16 drop; }; }\n"


async def reset(reader, writer):
    """As a service does with an endpoint that is not on its allow-list: it accepts, reads and resets."""
    try:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    writer.transport.abort()


def serve(ready):
    async def forever():
        server = await asyncio.start_server(reset, "0.0.0.0", PORT, backlog=4096)
        ready.set()
        await server.serve_forever()
    asyncio.run(forever())


def endpoint(i):
    address = (RESETTING if i % 2 == 0 else BLACK_HOLES).format(i // 200, i % 200 + 1)
    return f'[[endpoint]]\nname = "endpoint-{i:05}"\nprofile = "clickhouse-aws"\nhost = "{address}"\nport = {PORT}\n'


def config_text(count, evidence):
    return (f'[daemon]\nlisten = "{running.LISTEN[0]}:{running.LISTEN[1]}"\n'
            f'[capture]\nenabled = false\nevidence_dir = "{evidence}"\n'
            f'[defaults]\ninterval = "{INTERVAL}s"\ntimeout = "1s"\n' + "".join(endpoint(i) for i in range(count)))


def total(counters, name):
    return counters.value(f"whylink_{name}_total")


def measure(daemon, count, minutes):
    running.wait_until("every endpoint had its first round", running.is_ready)
    before, cpu, begun = Counters(), daemon.cpu_seconds(), time.monotonic()
    time.sleep(60 * minutes)
    seen, seconds = Counters() - before, time.monotonic() - begun
    cpu = daemon.cpu_seconds() - cpu
    since_start = running.Page("/metrics").body.decode()
    experiments = [line for line in since_start.splitlines() if line.startswith("whylink_experiments_total")]
    overruns, missed = total(seen, "scheduler_overruns"), total(seen, "scheduler_missed_rounds")
    rounds = total(seen, "rounds")
    print(f"{rounds:.0f} of {count * seconds / INTERVAL:.0f} rounds in {seconds:.0f} s; overruns {overruns:.0f}, "
          f"missed {missed:.0f}, without experiments that were due {total(seen, 'scheduler_experiments_left_out'):.0f}")
    lag = seen.histogram("whylink_scheduler_lag_seconds")
    print(f"scheduler lag p50 {1000 * percentile(lag, 0.5):.2f} ms, p99 {1000 * percentile(lag, 0.99):.2f} ms; "
          f"CPU {100 * cpu / seconds:.1f} % of a core")
    print("since the start:", *experiments, sep="\n  ")
    return not overruns and not missed and bool(experiments)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--endpoints", type=int, default=1000)
    options = parser.parse_args()
    running.enter_own_namespaces()
    subprocess.run(["nft", "-f", "-"], input=DROP, text=True, check=True)
    ready = multiprocessing.Event()
    server = multiprocessing.Process(target=serve, args=(ready,), daemon=True)
    server.start()
    if not ready.wait(running.DEADLINE):
        sys.exit("the server did not start")
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "whylink.toml")
        config.write_text(config_text(options.endpoints, Path(directory, "evidence")), encoding="utf-8")
        daemon = running.start_daemon(Path(options.build, "daemon/whylink"), config, Path(directory, "log"))
        try:
            good = measure(daemon, options.endpoints, options.minutes)
        finally:
            daemon.end(9)
    sys.exit(0 if good else 1)


main()
