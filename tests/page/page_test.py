"""The status page in Chromium: with and without scripts, on a phone and on a wall, light and dark, with no, some and thousands
of targets whose names are full of markup. Screenshots are kept in the folder that is given.

page_test.py SAMPLE SCREENSHOTS"""

import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

import browser

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # what CTest takes for "not run"
PHONE, WALL = 375, 1920
# Where Debian's and npm's packages put it.
AXE = ("/usr/share/nodejs/axe-core/axe.min.js", "/usr/lib/node_modules/axe-core/axe.min.js",
       "/usr/local/lib/node_modules/axe-core/axe.min.js", os.environ.get("AXE_CORE", ""))
SERIOUS = ("serious", "critical")
# More would be felt on a phone.
MAX_ELEMENTS = 20_000
MAX_BYTES = 1_000_000

arguments = {}


class Site(http.server.ThreadingHTTPServer):
    """Serves what the sample prints of so many targets."""

    daemon_threads = True

    def __init__(self, count):
        super().__init__(("127.0.0.1", 0), Answer)
        self.count = count
        self.directory = tempfile.TemporaryDirectory()
        self.asked = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.directory.cleanup()

    def sample(self, path, pairs):
        words = [word for pair in pairs for word in pair]
        # The first one writes the history.
        with self.lock:
            return subprocess.run([arguments["sample"], str(self.count), self.directory.name, path, *words],
                                  check=True, stdout=subprocess.PIPE, timeout=browser.DEADLINE).stdout


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        head, _, body = self.server.sample(path, pairs).partition(b"\n\n")
        status, *headers = head.decode().splitlines()
        self.answer(int(status), [header.split(": ", 1) for header in headers], body)

    def do_POST(self):
        self.server.asked.append((self.path, self.headers["Origin"]))
        name = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["name"][0]
        self.answer(303, [("Location", "/?name=" + urllib.parse.quote(name, safe=""))], b"")

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # the browser has gone on

    def log_message(self, *_):
        pass


def findings(page):
    """What an accessibility checker says."""
    found = page.evaluate((HERE / "accessible.js").read_text())
    axe = next((path for path in AXE if path and os.path.exists(path)), None)
    if axe:
        page.evaluate(pathlib.Path(axe).read_text())
        for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations)"):
            if violation["impact"] in SERIOUS:
                nodes = [node["html"][:120] + " " + node.get("failureSummary", "")[:200] for node in violation["nodes"][:3]]
                found.append(f"{violation['id']}: {violation['help']}: {nodes}")
    return found


class StatusPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.browser = browser.Browser(cls.profile.name)
        cls.addClassCleanup(cls.profile.cleanup)
        cls.addClassCleanup(cls.browser.__exit__)
        cls.some = Site(15)
        cls.addClassCleanup(cls.some.__exit__)

    def screenshot(self, page, name):
        page.screenshot(arguments["screenshots"] / f"{name}.png")

    # ---- how it looks ----

    def assert_sound(self, page, what):
        self.assertEqual(page.complaints(), [], what)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertLessEqual(overflow, 0, f"{what} is wider than the screen")
        self.assertEqual(findings(page), [], what)

    def test_every_size_and_scheme(self):
        name = "service-0001"
        for width in (PHONE, 768, 1280, WALL):
            for dark in (False, True):
                for what, path in (("all", "/"), ("one", f"/?name={name}")):
                    shown = f"{what}-{width}-{'dark' if dark else 'light'}"
                    with self.subTest(shown), self.browser.page(width, dark=dark) as page:
                        page.go(self.some.url(path))
                        self.screenshot(page, shown)
                        self.assert_sound(page, shown)
                        dark_ground = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
                        self.assertEqual(dark_ground, dark)

    def test_without_scripts(self):
        for width in (PHONE, WALL):
            for what, path in (("all", "/"), ("one", "/?name=service-0001")):
                shown = f"{what}-{width}-no-scripts"
                with self.subTest(shown), self.browser.page(width, scripts=False) as page:
                    page.go(self.some.url(path))
                    self.screenshot(page, shown)
                    self.assert_sound(page, shown)
                    self.assertEqual(page.evaluate("document.querySelectorAll('.copy').length"), 0)

    def test_no_targets(self):
        with Site(0) as site:
            for width in (PHONE, WALL):
                with self.browser.page(width) as page:
                    page.go(site.url())
                    self.screenshot(page, f"none-{width}")
                    self.assert_sound(page, f"none-{width}")
                    self.assertIn("No targets", page.evaluate("document.querySelector('h1').textContent"))

    def test_thousands_of_targets(self):
        with Site(5000) as site, self.browser.page(WALL) as page:
            page.go(site.url())
            self.screenshot(page, f"thousands-{WALL}")
            self.assert_sound(page, "thousands")
            self.assertLess(page.evaluate("document.querySelectorAll('*').length"), MAX_ELEMENTS)
            self.assertLess(page.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize"), MAX_BYTES)
            paint = page.evaluate("""(() => {
                const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1;
                return painted - performance.getEntriesByType('navigation')[0].responseStart; })()""")
            print(f"first paint of 5,000 targets {paint:.0f} ms after the first byte of the answer")
            page.evaluate("document.querySelector('[rel=next]').click()")
            page.loaded()
            self.assertIn("201 to 400 of 5000", page.evaluate("document.querySelector('.pages').textContent"))

    # ---- what others wrote ----

    def test_names_are_no_markup(self):
        with self.browser.page(WALL) as page:
            page.go(self.some.url())
            self.assertEqual(page.evaluate("document.querySelectorAll('script').length"), 1)
            self.assertEqual(page.evaluate("document.querySelectorAll('img').length"), 0)
            hostile = "[...document.querySelectorAll('.targets .name')].find((name) => name.textContent.includes('<script>'))"
            self.assertIn("alert(1)</script>", page.evaluate(f"{hostile}.textContent"))
            page.evaluate(f"{hostile}.click()")
            page.loaded()
            self.assertIn("alert(1)</script>", page.evaluate("document.querySelector('h1').textContent"))
            self.assertEqual(page.evaluate("document.querySelectorAll('script').length"), 1)
            self.screenshot(page, f"hostile-{WALL}")
            self.assert_sound(page, "hostile")

    # ---- the form ----

    NAMES = "[...document.querySelectorAll('.targets .name')].map((name) => name.textContent)"

    def test_the_form_works_without_scripts(self):
        with self.browser.page(WALL, scripts=False) as page:
            page.go(self.some.url())
            self.assertEqual(len(page.evaluate(self.NAMES)), 15)
            page.evaluate("document.querySelector('[name=q]').value = 'service-0001'; document.querySelector('#filters button').click()")
            page.loaded()
            self.assertEqual(page.evaluate(self.NAMES), ["service-0001"])
            self.assertEqual(page.evaluate("document.querySelector('[name=q]').value"), "service-0001")
            page.evaluate("document.querySelector('.clear').click()")
            page.loaded()
            self.assertEqual(len(page.evaluate(self.NAMES)), 15)

    def test_the_form_works_as_one_types(self):
        with self.browser.page(WALL) as page:
            page.go(self.some.url())
            page.evaluate("document.querySelector('[name=q]').focus()")
            page.write("service-0001")
            page.wait_until(f"{self.NAMES}.length === 1")
            self.assertEqual(page.evaluate("location.search"), "?q=service-0001")
            self.assertEqual(page.evaluate("document.activeElement.name + ' ' + document.activeElement.value"), "q service-0001")
            page.evaluate("document.querySelector('[name=q]').value = ''")
            page.evaluate("""document.querySelector('[name=state]').value = 'failing';
                document.querySelector('#filters').dispatchEvent(new Event('input'))""")
            page.wait_until(f"{self.NAMES}.length === 4")
            self.assertEqual(page.complaints(), [])

    # ---- it updates itself ----

    AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"

    def test_what_one_reads_stays(self):
        with Site(15) as site, self.browser.page(WALL) as page:
            page.go(site.url())
            page.evaluate("""document.querySelector('[name=q]').value = 'half a wor';
                document.querySelector('.targets .name[href*="service-0009"]').focus()""")
            site.count = 16
            page.evaluate(self.AGAIN)
            page.wait_until(f"{self.NAMES}.length === 16")
            self.assertIn("of 16 targets", page.evaluate("document.querySelector('h1').textContent"))
            self.assertEqual(page.evaluate("document.activeElement.textContent"), "service-0009")
            self.assertEqual(page.evaluate("document.querySelector('[name=q]').value"), "half a wor")

    def test_it_says_when_it_is_not_up_to_date(self):
        with self.browser.page(WALL) as page:
            with Site(15) as site:
                page.go(site.url())
            page.evaluate(self.AGAIN)
            page.wait_until("document.getElementById('connection').textContent.includes('cannot be reached')")
            self.assertEqual(len(page.evaluate(self.NAMES)), 15)

    def test_what_is_open_stays_open(self):
        with Site(15) as site, self.browser.page(WALL) as page:
            page.go(site.url("/?name=service-0001"))
            page.evaluate("document.getElementById('as-text').open = true; window.before = document.getElementById('target')")
            site.count = 16
            page.evaluate(self.AGAIN)
            page.wait_until("document.getElementById('target') !== window.before")
            self.assertTrue(page.evaluate("document.getElementById('as-text').open"))

    # ---- hands on ----

    def test_the_keyboard_reaches_everything(self):
        with self.browser.page(WALL) as page:
            page.go(self.some.url())
            seen = []
            for _ in range(12):
                page.press("Tab", 9)
                seen.append(page.evaluate("document.activeElement.textContent || document.activeElement.name"))
                self.assertNotEqual(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none", seen[-1])
            self.assertEqual(seen[:2], ["Skip to content", "whylink"])
            self.assertEqual(len(set(seen[:7])), 7, seen)

    def test_commands_can_be_copied(self):
        with self.browser.page(WALL) as page:
            page.go(self.some.url("/?name=service-0001"))
            commands = page.evaluate("document.querySelectorAll('.command').length")
            self.assertGreater(commands, 0)
            self.assertEqual(page.evaluate("document.querySelectorAll('.command .copy').length"), commands)
            page.evaluate("document.querySelector('.copy').click()")
            page.wait_until("document.querySelector('.copy').textContent !== 'Copy'")

    def test_a_check_is_asked_for(self):
        with self.browser.page(WALL, scripts=False) as page:
            page.go(self.some.url("/?name=service-0001"))
            page.evaluate("document.querySelector('.check button').click()")
            page.loaded()
            self.assertEqual(self.some.asked, [("/-/check?name=service-0001", self.some.url(""))])
            self.assertEqual(page.evaluate("location.search"), "?name=service-0001")

    def test_evidence_is_a_download(self):
        with self.browser.page(WALL) as page:
            page.go(self.some.url("/?name=service-0001"))
            self.assertEqual(page.evaluate("[...document.querySelectorAll('.files a')].map((link) => link.getAttribute('href'))"),
                             ["/evidence/service-0001.pcapng", "/evidence/old.pcapng"])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    arguments = {"sample": os.path.abspath(sys.argv.pop(1)), "screenshots": pathlib.Path(sys.argv.pop(1)).resolve()}
    if browser.program() is None:
        print("no Chromium; skipped")
        sys.exit(SKIPPED)
    arguments["screenshots"].mkdir(parents=True, exist_ok=True)
    unittest.main(verbosity=2)
