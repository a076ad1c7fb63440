"""usage: story_test.py WHYLINK: what happens to targets that were healthy, one thing after the other, on a real kernel. Each
report names what changed and nothing else; where nothing changed, it says so."""

import re
import subprocess
import sys
import tempfile
import unittest

import host
import running
import servers

WHYLINK = sys.argv[1] if len(sys.argv) > 1 else ""
NAME = "moved.link.example"
HERE, DEAD = "10.60.0.1", "10.60.1.9"
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def nft(rules):
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


class Story(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.place = host.Place(self.enterContext(tempfile.TemporaryDirectory()))
        self.boot("11111111-1111-4111-8111-111111111111")
        nft("add table inet story\nadd chain inet story input { type filter hook input priority 0; }\n")
        self.addCleanup(nft, "delete table inet story\n")
        self.records = {NAME: HERE}
        self.named = self.serve(servers.Silent(host=HERE))
        self.dns = self.serve(servers.Dns(self.records))
        self.stopped, self.ruled = (self.serve(servers.Silent()) for _ in range(2))
        # Both have the same name and dates: what is trusted is the first.
        good, bad = (servers.make_certificate(self.folder(name), "good.example", 30) for name in ("good", "bad"))
        self.bad = bad
        self.tls = self.serve(servers.Tls(*good))
        self.place.configure(
            host.endpoint("moved", self.named.port, f'tls = false\nsettle = "0s"\nexpect = ["10.60.0.0/16"]\n'
                          f'resolvers = ["{self.dns.resolver}"]', NAME),
            host.endpoint("stopped", self.stopped.port),
            host.endpoint("ruled", self.ruled.port),
            host.endpoint("replaced", self.tls.port,
                          f'[endpoint.tls]\nserver_name = "good.example"\nca_file = "{good[0]}"'))
        self.daemon = self.place.start(WHYLINK)
        self.addCleanup(lambda: self.daemon.running() and self.daemon.end())

    def folder(self, name):
        made = self.place.folder / name
        made.mkdir()
        return made

    def serve(self, server):
        self.addCleanup(server.close)
        return server

    def boot(self, identifier):
        """This host has another boot ID from now on."""
        file = self.place.folder / f"boot-{identifier[0]}"
        file.write_text(identifier + "\n", encoding="utf-8")
        subprocess.run(["mount", "--bind", file, BOOT_ID], check=True)
        self.addCleanup(subprocess.run, ["umount", BOOT_ID], check=True)

    def failure(self, name, deadline=running.DEADLINE):
        def failing():
            entry = host.report()[name]
            return entry if not entry["healthy"] else None
        return running.wait_until(f"{name} fails", failing, deadline)

    def changed(self, name, *expected):
        """`what`, `from` and `to` of what is told of a failing target, and nothing else."""
        entry = self.failure(name)
        if expected:
            entry = running.wait_until(f"the change before {name} failed is known",
                                       lambda: host.report()[name]["history"]["changes"] and host.report()[name])
        self.assertIsNotNone(entry["history"]["last_healthy"])
        self.assertEqual([change["what"] for change in entry["history"]["changes"]], list(expected))
        return entry["history"]["changes"]

    def text(self, name):
        return subprocess.run([WHYLINK, "status", name, "--url", "http://%s:%d" % running.LISTEN], capture_output=True,
                              text=True, check=False, timeout=running.DEADLINE).stdout.replace("\n  ", " ")

    def settle(self):
        """A few rounds of everybody: what changed before them explains no failure from here on."""
        begun = host.metric("whylink_rounds_total")
        running.wait_until("rounds pass", lambda: host.metric("whylink_rounds_total") >= begun + 12)

    def test_each_failure_is_told_with_its_own_change(self):
        self.assertTrue(all(entry["healthy"] for entry in host.report().values()))
        self.settle()

        self.records[NAME] = DEAD
        change, = self.changed("moved", "address")
        self.assertEqual((change["from"], change["to"]), (HERE, DEAD))
        self.assertIn(f"address {HERE} → {DEAD}", self.text("moved"))

        self.replace_certificate()
        change, = self.changed("replaced", "certificate")
        self.assertIn("good.example", change["from"])
        self.assertIn("good.example", change["to"])
        self.assertNotEqual(*(re.search(r"serial ([0-9a-f]+)\)", change[key])[1] for key in ("from", "to")))
        self.assertEqual(self.failure("replaced")["diagnosis"]["cause"], "certificate_problem")

        nft(f"add rule inet story input tcp dport {self.ruled.port} drop\n")
        self.changed("ruled", "firewall")
        self.assertIn("firewall ruleset", self.text("ruled"))

        # What a host looks at every 2 s is told for 10 s after a failure.
        self.settle()
        self.stopped.close()
        self.changed("stopped")
        self.assertIn("Nothing changed before it", self.text("stopped"))

    def test_a_reboot_is_told_and_earlier_failures_keep_their_change(self):
        self.settle()
        self.records[NAME] = DEAD
        self.changed("moved", "address")
        running.wait_until("it is on the disk", lambda: self.place.number("SELECT count(*) FROM outage"))
        self.assertEqual(self.daemon.end(), 0, self.place.log.read_text())
        self.boot("22222222-2222-4222-8222-222222222222")
        self.stopped.close()
        self.daemon = self.place.start(WHYLINK)
        change, = self.changed("stopped", "boot")
        self.assertEqual((change["from"], change["to"]), ("11111111", "22222222"))
        self.changed("moved", "address")

    def replace_certificate(self):
        port = self.tls.port
        self.tls.close()
        running.wait_until("the port is free", lambda: self.listen_again(port))

    def listen_again(self, port):
        try:
            self.tls = self.serve(servers.Tls(*self.bad, port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    running.enter_own_namespaces()
    # SYNs to the dead address leave, and nobody answers.
    for command in (f"addr add {HERE}/32 dev lo", "link add gone type veth peer name void", "link set gone up", "link set void up",
                    f"route add {DEAD} dev gone", f"neigh add {DEAD} lladdr 02:00:00:00:00:01 dev gone"):
        subprocess.run(["ip", *command.split()], check=True)
    unittest.main(argv=sys.argv[:1])
