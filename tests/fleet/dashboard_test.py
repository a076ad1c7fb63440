"""The Grafana dashboard as Grafana imports it, and its queries by the metrics that there are. fleet_test.py runs them.

usage: dashboard_test.py DOCS"""

import json
import re
import sys
import unittest
from pathlib import Path

import jsonschema

DOCS = Path(sys.argv[1])
DASHBOARD = json.loads((DOCS / "fleet/dashboard.json").read_text(encoding="utf-8"))
# What Grafana needs of a dashboard, a panel and a variable (grafana.com/docs, "Dashboard JSON model").
SOURCE = {"type": "object", "required": ["type", "uid"],
          "properties": {"type": {"const": "prometheus"}, "uid": {"const": "${datasource}"}}}
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "version", "time", "refresh", "templating", "annotations", "panels", "tags"],
    "not": {"required": ["id"]},
    "properties": {
        "uid": {"type": "string", "maxLength": 40}, "title": TEXT, "schemaVersion": {"type": "integer", "minimum": 36},
        "version": {"type": "integer"}, "tags": {"type": "array", "items": TEXT},
        "time": {"type": "object", "required": ["from", "to"]},
        "panels": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": ["id", "type", "title", "description", "datasource", "gridPos", "targets", "fieldConfig"],
            "properties": {
                "id": {"type": "integer", "minimum": 1}, "title": TEXT, "description": TEXT, "datasource": SOURCE,
                "type": {"enum": ["stat", "table", "timeseries", "state-timeline"]},
                "gridPos": {"type": "object", "required": ["x", "y", "w", "h"], "additionalProperties": False, "properties": {
                    "x": {"type": "integer", "minimum": 0, "maximum": 23}, "y": {"type": "integer", "minimum": 0},
                    "w": {"type": "integer", "minimum": 1, "maximum": 24}, "h": {"type": "integer", "minimum": 1}}},
                "fieldConfig": {"type": "object", "required": ["defaults", "overrides"]},
                "targets": {"type": "array", "minItems": 1, "items": {
                    "type": "object", "required": ["refId", "expr", "datasource", "instant", "range"],
                    "properties": {"refId": {"type": "string", "pattern": "^[A-Z]$"}, "expr": TEXT, "datasource": SOURCE,
                                   "instant": {"type": "boolean"}, "range": {"type": "boolean"},
                                   "format": {"enum": ["time_series", "table"]}}}}}}},
        "templating": {"type": "object", "required": ["list"], "properties": {"list": {"type": "array", "items": {
            "type": "object", "required": ["name", "type", "label", "query"],
            "properties": {"type": {"enum": ["datasource", "query"]}}}}}}}}
# Of Prometheus itself, and of rules.yml by their colon.
OTHERS = {"up", "ALERTS"}


def documented_metrics():
    return set(re.findall(r"(?m)^\| `(\w+)` \|", (DOCS / "reference/metrics.md").read_text(encoding="utf-8")))


def recorded():
    return set(re.findall(r"- record: (\S+)", (DOCS / "fleet/rules.yml").read_text(encoding="utf-8")))


class Dashboard(unittest.TestCase):
    def test_it_is_as_grafana_imports_it(self):
        jsonschema.Draft7Validator(SCHEMA).validate(DASHBOARD)
        ids = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_no_panel_lies_on_another(self):
        taken = {}
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken[x, y] = panel["title"]

    def test_its_queries_are_of_metrics_and_variables_that_exist(self):
        known = documented_metrics() | recorded() | OTHERS
        variables = {each["name"] for each in DASHBOARD["templating"]["list"]} | {"__rate_interval"}
        for panel in DASHBOARD["panels"]:
            for target in panel["targets"]:
                with self.subTest(panel=panel["title"]):
                    for name in re.findall(r"(\b[\w:]+)\{", target["expr"]):
                        self.assertIn(re.sub("_bucket$", "", name), known)
                    self.assertLessEqual(set(re.findall(r"\$(\w+)", target["expr"])), variables)
                    self.assertIn('job="$job"', target["expr"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
