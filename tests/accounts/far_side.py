"""The other end of a private link: a network namespace with the addresses of endpoints, what answers there, and peers that
come from there."""

import ctypes
import os
import socket
import struct
import subprocess
import threading
import time

NEAR = "10.77.0.2"
FAR = "10.77.0.1"
CLONE_NEWNET = 0x40000000
PAUSE = 0.1  # of a peer, between two connections


class FarSide:
    """One cable away. What a test sets is gone after clear()."""

    def __init__(self):
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._namespace = f"/proc/{self._holder.pid}/ns/net"
        self._wait_for_namespace()
        self._ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(self._holder.pid))
        self._ip("address", "add", f"{NEAR}/24", "dev", "near")
        self._ip("link", "set", "near", "up")
        for words in (["address", "add", f"{FAR}/24", "dev", "far"], ["link", "set", "far", "up"],
                      ["link", "set", "lo", "up"]):
            self._run("ip", *words)
        self._open = []
        self._peers = threading.Event()
        self._added = []

    def clear(self):
        """Takes away addresses, routes, rules, servers and peers."""
        self._peers.set()
        self._peers = threading.Event()
        for listener in self._open:
            listener.shutdown(socket.SHUT_RDWR)  # wakes up who accepts
            listener.close()
        self._open.clear()
        self._run("nft", "flush", "ruleset")
        for undo in reversed(self._added):
            undo()
        self._added.clear()

    def has(self, address, source=NEAR):
        """An address that this host reaches from `source`."""
        self._run("ip", "address", "add", f"{address}/32", "dev", "lo")
        self._added.append(lambda: self._run("ip", "address", "del", f"{address}/32", "dev", "lo"))
        if source != NEAR:
            self._ip("address", "replace", f"{source}/32", "dev", "near")
            self._run("ip", "route", "replace", source, "via", NEAR)
        self._ip("route", "add", address, "via", FAR, "src", source)
        self._added.append(lambda: self._ip("route", "del", address))

    def drops(self, address, source=NEAR):
        """Nobody answers there, and nobody says so."""
        self.has(address, source)
        self._run("nft", f"add table ip t; add chain ip t i {{ type filter hook input priority 0; }}; "
                         f"add rule ip t i ip daddr {address} drop")

    def serves(self, address, port, answer):
        """`answer` gets each connection; it is closed then."""
        self._serve(self._inside(lambda: socket.create_server((address, port), backlog=64)), answer)

    def serves_here(self, port, answer):
        """The same on this host, at every address."""
        self._serve(socket.create_server(("0.0.0.0", port), backlog=64), answer)

    def comes(self, address, port, payload):
        """Connects to this host again and again, and says `payload`."""
        self._run("ip", "address", "add", f"{address}/32", "dev", "lo")
        self._added.append(lambda: self._run("ip", "address", "del", f"{address}/32", "dev", "lo"))
        self._ip("route", "add", address, "via", FAR)
        self._added.append(lambda: self._ip("route", "del", address))
        threading.Thread(target=self._come, args=(address, port, payload, self._peers), daemon=True).start()

    def stop(self):
        self._peers.set()
        self._holder.kill()
        self._holder.wait()

    def _wait_for_namespace(self):
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(self._namespace) == own:
            time.sleep(0.01)

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True)

    def _run(self, *words):
        subprocess.run(["nsenter", f"--net={self._namespace}", *words], check=True)

    def _inside(self, make):
        """What `make` returns in a thread that is there."""
        made = []

        def run():
            with open(self._namespace, encoding="ascii") as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            made.append(make())

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return made[0]

    def _serve(self, listener, answer):
        self._open.append(listener)
        threading.Thread(target=self._accept, args=(listener, answer), daemon=True).start()

    @staticmethod
    def _accept(listener, answer):
        def run(connection):
            try:
                answer(connection)
            except OSError:
                pass  # the client has gone
            finally:
                connection.close()

        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=run, args=(connection,), daemon=True).start()

    def _come(self, address, port, payload, stopped):
        while not stopped.wait(PAUSE):
            try:
                connection = self._inside(lambda: socket.create_connection((NEAR, port), 1, (address, 0)))
                with connection:
                    connection.sendall(payload)
                    connection.settimeout(0.5)
                    connection.recv(4096)
            except (OSError, IndexError):
                pass  # refused, dropped or reset: what the watch is to see


def resets(connection):
    """Reads the first message and resets."""
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def is_silent(connection):
    """Reads and never answers."""
    while connection.recv(4096):
        pass
