"""A corner of the machine that is a cloud: its names by a hosts file, its addresses on the loopback device, its
certificates by a CA that the system trusts there."""

import importlib
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import running  # pylint: disable=wrong-import-position

# Where the fakes listen: of the block for tests of networks (RFC 2544).
API = "198.18.0.1"
WRONG_API = "198.18.0.2"
AWS_METADATA = "169.254.169.254"
AWS_CONTAINER = "169.254.170.2"
STORE = "/etc/ssl/certs/ca-certificates.crt"


def needed(module, package):
    """A module that stands on a package of Debian; without it the test is skipped, but not by CI."""
    try:
        return importlib.import_module(module)
    except ImportError:
        if os.environ.get("CI"):
            raise
        print(f"needs {package}; skipped")
        sys.exit(running.SKIPPED)


def enter():
    """Starts the program inside; returns there only."""
    running.enter_own_namespaces()
    for address in (API, WRONG_API, AWS_METADATA, AWS_CONTAINER):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)


class Place:
    """Names, certificates and a folder for the fakes of these hosts."""

    def __init__(self, hosts):
        self.folder = tempfile.mkdtemp()
        self._name(hosts)
        self.ca, ca_key = self._certificate_authority("ca")
        self.certificate = self._issue("api", self.ca, ca_key, hosts)
        # Of the right CA, for another name.
        self.other_certificate = self._issue("other", self.ca, ca_key, ["api.example"])
        # Of a CA that nobody trusts, for the same names.
        self.wrong_certificate = self._issue("wrong", *self._certificate_authority("wrong-ca"), hosts)
        subprocess.run(["mount", "--bind", self.ca, STORE], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(content)
        return self.path(name)

    def _name(self, hosts):
        lines = ["127.0.0.1 localhost"] + [f"{API} {host}" for host in hosts]
        subprocess.run(["mount", "--bind", self.write("hosts", "\n".join(lines) + "\n"), "/etc/hosts"], check=True)

    def _certificate_authority(self, name):
        certificate, key = self.path(name + ".pem"), self.path(name + ".key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", f"/CN=whylink {name}", "-keyout", key, "-out", certificate],
                       check=True, stderr=subprocess.DEVNULL)
        return certificate, key

    def _issue(self, name, ca, ca_key, hosts):
        """A file with key and certificate."""
        request, key, made = self.path(name + ".csr"), self.path(name + ".key"), self.path(name + ".crt")
        names = ",".join(f"DNS:{host}" for host in hosts)
        extensions = self.write(name + ".ext", f"subjectAltName={names}\n")
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", f"/CN=whylink {name}", "-keyout", key, "-out", request],
                       check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
                        "-days", "2", "-extfile", extensions, "-out", made], check=True, stderr=subprocess.DEVNULL)
        with open(key, encoding="ascii") as private, open(made, encoding="ascii") as public:
            return self.write(name + ".chain", private.read() + public.read())
