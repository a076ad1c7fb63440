"""Numbers out of the daemon's metrics page."""

import math
import re

import running

SAMPLE = re.compile(r"^(whylink_(?:rounds|scheduler)\w*?)(?:\{le=\"([^\"]*)\"\})? (\S+)$", re.MULTILINE)


class Counters:
    """What is counted over all targets, at the moment of the request."""

    def __init__(self, values=None):
        if values is None:
            text = running.Page("/metrics").body.decode()
            values = {(name, bound): float(value) for name, bound, value in SAMPLE.findall(text)}
        self._values = values

    def __sub__(self, before):
        return Counters({key: value - before._values.get(key, 0) for key, value in self._values.items()})

    def __add__(self, other):
        return Counters({key: value + other._values.get(key, 0) for key, value in self._values.items()})

    def value(self, name):
        return self._values[(name, "")]

    def histogram(self, name):
        """Upper bounds and cumulative counts, ascending."""
        return sorted((float(bound), value) for (key, bound), value in self._values.items() if key == name + "_bucket")


def percentile(buckets, quantile):
    """As Prometheus' histogram_quantile() has it: linear within a bucket, and the last bound for what is beyond."""
    total = buckets[-1][1]
    if total == 0:
        return math.nan
    below, lower = 0.0, 0.0
    for bound, count in buckets:
        if count >= quantile * total and count > below:
            if math.isinf(bound):
                return lower
            return lower + (bound - lower) * (quantile * total - below) / (count - below)
        below, lower = count, bound
    return lower
