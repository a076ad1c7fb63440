"""Chromium without a window, driven by the DevTools protocol over a pair of pipes
(https://chromedevtools.github.io/devtools-protocol/): nothing listens, and nothing but Python's library is needed."""

import base64
import ctypes
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time

DEADLINE = 60
PR_SET_PDEATHSIG = 1  # prctl(2)
# Debian's programs; the sandbox wants user namespaces, which a container or root has not.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--remote-debugging-pipe")


def program():
    """None where there is none."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Browser:
    def __init__(self, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # The browser takes 3 and 4, which may be ours: out of the way with them first.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
        os.close(to_browser)
        os.close(from_browser)

        libc = ctypes.CDLL(None)

        def place():
            # Whatever ends the test ends the browser.
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._log = open(os.path.join(profile, "log"), "wb")
        # All others close on exec. Named to Popen, 3 and 4 would have to be open here.
        self._process = subprocess.Popen([program(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
                                         preexec_fn=place, close_fds=False, stdin=subprocess.DEVNULL, stdout=self._log,
                                         stderr=self._log)
        for end in ends:
            os.close(end)
        self._buffer = b""
        self._number = 0
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, EOFError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            for end in (self._in, self._out):
                os.close(end)
            self._log.close()

    def _message(self, end):
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise EOFError("the browser has ended")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._out, text):]
        end = time.monotonic() + DEADLINE
        while True:
            answer = self._message(end)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method, session, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while True:
            for event in self.events:
                if event.get("method") == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event["params"]
            self.events.append(self._message(end))

    def page(self, width, height=1000, dark=False, scripts=True):
        return Page(self, width, height, dark, scripts)


class Page:
    def __init__(self, browser, width, height, dark, scripts):
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                   mobile=width < 600)
        self._call("Emulation.setEmulatedMedia",
                   features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def go(self, url):
        self._call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        self._browser.wait_for("Page.loadEventFired", self._session)

    def evaluate(self, expression):
        """As the console does: the page's Content-Security-Policy does not hold for it."""
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait_until(self, expression, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain until {expression}")
            time.sleep(0.05)

    def press(self, key, code=0):
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def write(self, text):
        self._call("Input.insertText", text=text)

    def screenshot(self, path):
        picture = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def complaints(self):
        """What the browser found wrong: refused by the Content-Security-Policy, not found, thrown by the script."""
        self.evaluate("0")  # what is under way has come then
        found = []
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
            elif event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
        return found
