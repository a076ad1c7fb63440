#!/usr/bin/env python3
"""The table of operations (control/http/operations.cpp) against AWS' own models: each row is an operation that only reads,
in the version and under the path that the model has. WHYLINK_SOURCE_DIR is the repository."""

import os
import re
import unittest

import namespace

models = namespace.needed("models", "python3-botocore")

ROW = re.compile(r'^    (ec2|elb|sts|route53)\((\w+),\s+"([^"]+)",\s+"([^"]+)"', re.MULTILINE)
VERSION = re.compile(r'(ec2|elb|sts)_version = "([^"]+)"')
SERVICES = {"ec2": "ec2", "elb": "elbv2", "sts": "sts", "route53": "route53"}
IAM = {"ec2": "ec2", "elb": "elasticloadbalancing", "sts": "sts", "route53": "route53"}
FIELD = re.compile(r"\{\w+\}")


class Table(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        path = os.path.join(os.environ["WHYLINK_SOURCE_DIR"], "control/http/operations.cpp")
        with open(path, encoding="utf-8") as file:
            cls.source = file.read()
        cls.rows = ROW.findall(cls.source)

    def test_has_rows_of_each_service(self):
        self.assertEqual({api for api, *_ in self.rows}, set(SERVICES))
        self.assertGreaterEqual(len(self.rows), 24)

    def test_actions_are_in_the_model_and_only_read(self):
        for api, _, action, name in self.rows:
            if api != "route53":
                with self.subTest(name):
                    models.Operation(SERVICES[api], action)  # throws for others
                    self.assertEqual(name, f"{IAM[api]}:{action}")

    def test_paths_are_those_of_the_model(self):
        for api, _, path, name in self.rows:
            if api == "route53":
                with self.subTest(name):
                    model = models.SESSION.get_service_model("route53").operation_model(name.partition(":")[2])
                    self.assertEqual(model.http["method"], "GET")
                    self.assertEqual(FIELD.sub("{}", path), FIELD.sub("{}", model.http["requestUri"]))

    def test_versions_are_those_of_the_models(self):
        versions = dict(VERSION.findall(self.source))
        for api, version in versions.items():
            self.assertEqual(version, models.SESSION.get_service_model(SERVICES[api]).metadata["apiVersion"])
        self.assertEqual(set(versions), {"ec2", "elb", "sts"})


if __name__ == "__main__":
    unittest.main()
