"""Breaks the examples one by one and sees examples.py find each break."""

import pathlib
import shutil
import tempfile
import unittest

import examples
import plain_yaml
import tree

BREAKS = {  # file, what stands there, what stands there instead, the words of the finding
    "a root user": ("docker/Dockerfile", "USER 10001", "USER root", "does not run as a numbered user"),
    "one stage": ("docker/Dockerfile", "FROM debian:12-slim AS build\n", "", "has one stage"),
    "another base": ("docker/Dockerfile", "FROM debian:12-slim\n", "FROM ubuntu:24.04\n", "not FROM debian:12-slim"),
    "no health check": ("docker/Dockerfile", "HEALTHCHECK", "LABEL", "no HEALTHCHECK"),
    "a shell in between": ("docker/Dockerfile", 'ENTRYPOINT ["aigw"]', "ENTRYPOINT aigw", "is run by a shell"),
    "a file nobody has": ("docker/Dockerfile", "COPY examples/packages.txt", "COPY nosuch.txt", "copies nosuch.txt"),
    "too much memory": ("kubernetes/gateway.yaml", "memory: 128Mi", "memory: 1Gi", "limits are not 128Mi"),
    "a late probe": ("kubernetes/gateway.yaml", "periodSeconds: 30", "periodSeconds: 31", "livenessProbe is not after"),
    "root in a pod": ("kubernetes/sidecar.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
    "a secret's other key": ("kubernetes/gateway.yaml", "key: target-api-key", "key: target", "no Secret has"),
    "a secret's other name": ("kubernetes/sidecar.yaml", "secretName: ai-gateway-secret", "secretName: other", "no Secret"),
    "labels that do not fit": ("kubernetes/gateway.yaml", "      app: ai-gateway\n  template", "      app: x\n  template",
                               "selector does not fit"),
    "a tab": ("kubernetes/gateway.yaml", "  replicas: 3", "  replicas:\t3", "a tab"),
    "a key twice": ("kubernetes/gateway.yaml", "  replicas: 3", "  replicas: 3\n  replicas: 4", "said twice"),
    "uneven indentation": ("docker/compose.yaml", "    image: aigw", "     image: aigw", "uneven indentation"),
    "a variable forgotten": ("docker/compose.yaml", "      PORT:", "      PORTS:", "does not set PORT"),
    "no readiness": ("systemd/aigw.service", "Type=notify", "Type=simple", "has no Type=notify"),
    "no watchdog": ("systemd/aigw.service", "WatchdogSec=30s\n", "", "has no WatchdogSec="),
    "no way to tell": ("systemd/aigw.service", " AF_UNIX", "", "AF_UNIX is not allowed"),
    "a process each": ("systemd/aigw.socket", "Backlog=4096", "Accept=yes", "starts a process for each call"),
}


class Examples(unittest.TestCase):
    def test_every_break_is_found(self):
        for name, (file, old, new, words) in BREAKS.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                shutil.copytree(tree.ROOT / "examples", root / "examples")
                path = root / "examples" / file
                text = path.read_text(encoding="utf-8")
                self.assertIn(old, text)
                path.write_text(text.replace(old, new, 1), encoding="utf-8")
                self.assertTrue(any(words in problem for problem in examples.problems(root)))

    def test_the_examples_are_fine(self):
        self.assertEqual(examples.problems(tree.ROOT), [])


class PlainYaml(unittest.TestCase):
    def test_it_reads_what_the_examples_need(self):
        text = ('# comment\na: 1\nb:\n  - x\n  - k: "v: \\"w\\""\n    l: true\nc:\n  d: |\n    one\n\n      two\n'
                "e: f-g\n---\nh: i\n")
        self.assertEqual(plain_yaml.documents(text), [
            {"a": 1, "b": ["x", {"k": 'v: "w"', "l": True}], "c": {"d": "one\n\n  two\n"}, "e": "f-g"}, {"h": "i"}])

    def test_it_refuses_the_rest(self):
        for text in ("a: {b: c}", "a: [b]", "a: &b c", "a: 'b'", "a:", "a", "a: b: c", "a: b # c", "a: 1\n  b: 2", "- a\nb: c"):
            with self.subTest(text), self.assertRaises(plain_yaml.Wrong):
                plain_yaml.documents(text)


if __name__ == "__main__":
    unittest.main()
