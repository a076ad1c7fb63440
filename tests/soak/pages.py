"""The daemon's pages, read all the time and looked over."""

import gzip
import json
import re
import threading

import running

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
NAME = re.compile(r'name="([^"]*)"')


def metric(name):
    """The metric's values by the targets' names; by "" where it has no target."""
    text = running.Page("/metrics").body.decode()
    return {found[1] if (found := NAME.search(labels)) else "": float(value)
            for sample, labels, value in SAMPLE.findall(text) if sample == name}


def fault_of(path, page, gzipped, form):
    """What is wrong with the page, if anything."""
    if page.status != 200:
        return f"{path} answers {page.status}: {page.body[:200]}"
    body = gzip.decompress(page.body) if gzipped else page.body
    if path == "/api/v1/report":
        return None if json.loads(body)["schema"] == "whylink/1" else f"{path} is no report"
    if path == "/metrics" and body.endswith(b"# EOF\n") != (form == OPENMETRICS):
        return f"{path} as {form or 'text'} ends with {body[-100:]}"
    return None if body.endswith(b"\n") else f"{path} ends with {body[-100:]}"


class Readers:
    """One thread for each page, which asks again as soon as it has its answer and a moment has passed."""

    def __init__(self):
        self._stop = threading.Event()
        self._problems, self._counts = [], {}
        self._threads = [threading.Thread(target=self._read, args=(path, pause))
                         for path, pause in (("/metrics", 0.2), ("/api/v1/report", 0.5), ("/", 1))]

    def __enter__(self):
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, path, pause):
        turn = 0
        while not self._stop.wait(pause):
            gzipped, form = turn & 1 and path != "/", OPENMETRICS if turn & 2 else ""
            headers = {"Accept": form} if form else {}
            if gzipped:
                headers["Accept_Encoding"] = "gzip"
            try:
                fault = fault_of(path, running.Page(path, **headers), gzipped, form)
            except (OSError, ValueError, EOFError) as error:
                fault = f"{path}: {error!r}"
            if fault:
                self._problems.append(fault)
            turn += 1
            self._counts[path] = turn

    def problems(self):
        if not self._problems:
            return [] if all(self._counts.values()) and len(self._counts) == 3 else ["some page was never read"]
        return [f"{len(self._problems)} pages were not as they should be; the first: {self._problems[0]}"]

    def summary(self):
        return "pages read: " + ", ".join(f"{path} {count}" for path, count in self._counts.items())
