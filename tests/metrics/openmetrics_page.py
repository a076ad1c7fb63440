"""The OpenMetrics page as a strict parser reads it, and that it says the same as the text page."""

import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

# What the process takes differs between two runs of the program.
VARIES = "process_"


def page(program, form):
    return subprocess.run([program, form], check=True, capture_output=True, timeout=60).stdout.decode("utf-8")


def bound(labels):
    """The two formats write the same bound differently."""
    return {name: float(value) if name == "le" else value for name, value in labels.items()}


def samples(families):
    result = {}
    for family in families:
        for sample in family.samples:
            key = (sample.name, tuple(sorted(bound(sample.labels).items())))
            assert key not in result, f"twice: {key}"
            if not sample.name.startswith(VARIES):
                result[key] = sample.value
    return result


def main(program):
    families = list(parse_openmetrics(page(program, "openmetrics")))
    kinds = {family.name: family.type for family in families}
    assert kinds["whylink_probes"] == "counter", kinds
    assert kinds["whylink_healthy"] == "gauge", kinds
    assert kinds["whylink_scheduler_lag_seconds"] == "histogram", kinds
    for family in families:
        assert family.documentation, family.name
        assert family.samples, family.name
    of_openmetrics = samples(families)
    of_text = samples(parse_text(page(program, "prometheus")))
    assert of_openmetrics == of_text, sorted(of_openmetrics.items() ^ of_text.items())
    assert len(of_text) > 50, len(of_text)


main(sys.argv[1])
