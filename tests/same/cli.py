"""What the program says by itself, without a network."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ([], ["run"], ["check"], ["diagnose"], ["zone"], ["status"], ["history"], ["explain"], ["profiles"], ["config"],
            ["config", "check"], ["config", "show"])
MISTAKES = (
    [], ["chekc"], ["now"], ["run", "now"], ["config"], ["config", "shwo"], ["status", "--record", "x"],
    ["status", "--url", "vm:9797"], ["status", "--url", "http://127.0.0.1:0"], ["check", "--bogus"],
    ["check", "--format", "xml"], ["check", "--format", "nagios", "--bogus"], ["check", "--format"], ["diagnose"],
    ["diagnose", "example"], ["diagnose", "127.0.0.1:0"], ["diagnose", "127.0.0.1:65536"], ["diagnose", "a..b:1"],
    ["diagnose", "127.0.0.1:1", "--expect", "10.0.0.1/8"], ["diagnose", "127.0.0.1:1", "--resolver", "nobody"],
    ["diagnose", "127.0.0.1:1", "--profile", "clickhous-aws"], ["diagnose", "127.0.0.1:1", "--timeout", "5"],
    ["diagnose", "127.0.0.1:1", "--hold", "5"], ["diagnose", "127.0.0.1:1", "--ca-file", "/nonexistent"],
    ["diagnose", "127.0.0.1:1", "--app", "gopher"], ["diagnose", "127.0.0.1:1", "--proxy-protocol", "v3"],
    ["diagnose", "127.0.0.1:1", "--tls", "--no-tls"],
    ["diagnose", "127.0.0.1:1", "--format", "nagios", "--timeout", "5"], ["zone"], ["zone", "-"],
    ["zone", "z.example", "--random-labels", "100000"], ["zone", "z.example", "--known-label", "a b"],
    ["explain", "not_on_allowlst"], ["explain", ""], ["profiles", "clickhous-azure"], ["profiles", "--toml"],
    ["check", "--config", "/nonexistent"], ["run", "--config", "/nonexistent"], ["config", "check", "--config", "/"],
    ["check", "nobody", "--config", "config/whylink.toml"], ["check", "--config", "config/whylink.toml"],
    ["check", "--config", "config/whylink.toml", "--format", "nagios"])


class Cli:
    def __init__(self, program, directory):
        self._program = program
        self._directory = directory

    def ask(self, name, *arguments):
        """Writes what comes of a command line; returns its standard output."""
        # Paths in what is printed are as given: relative to the tree.
        done = subprocess.run([self._program, *arguments], cwd=ROOT, capture_output=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
        path = self._directory / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        words = " ".join(["whylink", *(word if word else "''" for word in arguments)])
        path.write_bytes(f"$ {words}\n--- standard output\n".encode() + done.stdout + b"--- standard error\n" +
                         done.stderr + f"--- exit status {done.returncode}\n".encode())
        return done.stdout.decode("utf-8")


def record(build, recording):
    cli = Cli(build / "daemon/whylink", recording.begin("cli"))
    for command in COMMANDS:
        cli.ask("help/" + "-".join(["whylink", *command]), *command, "--help")
    cli.ask("version", "--version")
    for i, arguments in enumerate(MISTAKES):
        cli.ask(f"mistakes/{i:02}", *arguments)
    for slug in explained(cli.ask("explain", "explain")):
        cli.ask(f"explain/{slug}", "explain", slug)
    cli.ask("profiles", "profiles")
    for path in sorted((ROOT / "config/profiles").glob("*.toml")):
        cli.ask(f"profiles/{path.stem}", "profiles", path.stem)
        cli.ask(f"profiles/{path.stem}-toml", "profiles", path.stem, "--toml")
    record_configs(cli)


def explained(text):
    """The slugs: what stands in the first column."""
    return sorted(set(re.findall(r"(?m)^  ([a-z_]+)(?:  |$)", text)))


def record_configs(cli):
    seeds = (ROOT / "tests/fuzz/seeds/config_loader").glob("*.toml")
    for path in [ROOT / "config/whylink.toml", *sorted(seeds)]:
        config = str(path.relative_to(ROOT))
        cli.ask(f"configs/{path.stem}-check", "config", "check", "--config", config)
        cli.ask(f"configs/{path.stem}-show", "config", "show", "--config", config)
    for path in sorted((ROOT / "tests/unit/config/bad").glob("*.toml")):
        cli.ask(f"bad/{path.stem}", "config", "check", "--config", str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "tests/cases").glob("*/case.toml")):
        config = str(path.relative_to(ROOT))
        cli.ask(f"cases/{path.parent.name}-check", "config", "check", "--config", config)
        cli.ask(f"cases/{path.parent.name}-show", "config", "show", "--config", config)
