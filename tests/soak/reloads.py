"""Good and bad reloads in turn, by SIGHUP and over HTTP."""

import os
import signal

import pages
import running

PERIOD = 2.5  # seconds
NOTICED = 60  # seconds within which a reload must have been judged
SUCCESSFUL = "whylink_config_last_reload_successful"

BROKEN = ("[daemon\n",  # no TOML
          '[[endpoint]]\nname = "a"\nhost = "127.0.0.1"\nport = 70000\n',  # not allowed
          '[[endpoint]]\nname = "a"\nhost = "127.0.0.1"\nport = 1\nprot = 1\n',  # unknown
          '[capture]\nenabled = true\ninterface = "nosuch0"\n',  # right, but cannot be done
          'include = ["/nonexistent.toml"]\n')


class Reloads:
    def __init__(self, daemon, config, targets):
        self._daemon, self._config, self._targets = daemon, config, targets
        self._count = self._by_http = 0
        self._awaited = None  # 0 or 1, since when
        self._problems = []

    def _write(self, text):
        # At once, as an editor or configuration management does it.
        new = f"{self._config}.new"
        with open(new, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(new, self._config)

    def step(self, passed):
        """Good and bad ones take turns, so that each one turns the metric over."""
        if self._awaited:
            good, since = self._awaited
            if pages.metric(SUCCESSFUL)[""] == good:
                self._awaited = None
            elif passed - since > NOTICED:
                self._problems.append(f"{SUCCESSFUL} is not {good} {NOTICED} s after reload {self._count}")
                self._awaited = None
        elif passed >= self._count * PERIOD:
            self._reload(passed)

    def _reload(self, passed):
        number, good = self._count // 2, self._count % 2
        self._count += 1
        self._write(self._targets.config(variant=number % 2) if good else BROKEN[number % len(BROKEN)])
        if number % 3 == 2:
            self._by_http += 1
            answer = running.Page("/-/reload", method="POST")
            if answer.status != (200 if good else 500):
                self._problems.append(f"a reload over HTTP was answered by {answer.status}: {answer.body[:300]}")
        else:
            self._daemon.send(signal.SIGHUP)
        self._awaited = (good, passed)

    def _reload_and_wait(self, text, what, condition):
        self._write(text)
        answer = running.Page("/-/reload", method="POST")
        if answer.status != 200:
            raise RuntimeError(f"a good configuration is refused: {answer.body[:300]}")
        running.wait_until(what, condition)

    def watch_everything(self):
        text = self._targets.config(variant=0)
        self._reload_and_wait(text, "every target had its first round",
                              lambda: len(pages.metric("whylink_last_round_timestamp_seconds")) == self._targets.count)

    def watch_nothing(self):
        self._reload_and_wait(self._targets.config(), "the last round has ended",
                              lambda: pages.metric("whylink_rounds_under_way") == {"": 0})

    def problems(self):
        return self._problems

    def summary(self):
        return f"reloads: {self._count}, every second one refused; {self._by_http} over HTTP, the rest by SIGHUP"
