#!/usr/bin/env python3
"""What the benchmark's report promises, without measuring anything."""

import pathlib
import tempfile
import unittest

import calls
import figures
import report
import standing


class ResultsTest(unittest.TestCase):
    def setUp(self):
        self.results = report.Results()
        for value in (30.0, 10.0, 20.0):
            self.results.add("plain-64", "nginx", {"cpu_us": value})
        self.results.add("plain-64", "aigw pass", {"cpu_us": 24.0})
        self.results.add("plain-64", "aigw full", {"cpu_us": 31.0})

    def test_a_ratio_is_of_medians(self):
        self.assertEqual(self.results.ratio("plain-64", "aigw pass", "cpu_us", "nginx"), 1.2)

    def test_what_was_not_measured_has_no_ratio(self):
        self.assertIsNone(self.results.ratio("plain-64", "haproxy", "cpu_us", "nginx"))

    def test_a_difference_leaves_the_base_out(self):
        self.results.add_difference("plain-64", "nginx", {"added_us": "cpu_us"})
        self.assertEqual(self.results.median("plain-64", "aigw full", "added_us"), 11.0)
        self.assertIsNone(self.results.median("plain-64", "nginx", "added_us"))

    def test_a_figure_is_reached_up_to_its_limit(self):
        lines = figures.table(self.results).splitlines()
        self.assertRegex(lines[2], r"pass.*≤ 1.2×.*1.20×.*\| reached")
        self.assertRegex(lines[3], r"full.*≤ 1.5×.*1.55×.*not reached")
        self.assertRegex(lines[4], r"–.*not measured")


class DocumentTest(unittest.TestCase):
    def test_history_below_the_mark_survives(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "RESULTS.md")
            report.write(path, "first\n")
            path.write_text(path.read_text(encoding="utf-8") + "a step\n", encoding="utf-8")
            report.write(path, "second\n")
            text = path.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("second\n" + report.HISTORY_MARK))
        self.assertTrue(text.endswith("## What each step brought\na step\n"))
        self.assertNotIn("first", text)


class CountingTest(unittest.TestCase):
    SUMMARY = ("% time     seconds  usecs/call     calls    errors syscall\n"
               " 60.00    0.000600           6       100         2 read\n"
               "{} total\n")

    def test_the_total_is_read_with_and_without_errors(self):
        for total in ("100.00    0.001000           6       150         2", "100.00    0.001000           6       150          "):
            with self.subTest(total):
                self.assertEqual(standing.total_calls(self.SUMMARY.format(total)), 150)


class CallsTest(unittest.TestCase):
    def test_bodies_have_the_size_that_they_say(self):
        for call in (calls.PLAIN, calls.LARGE, calls.BURST):
            self.assertEqual(len(call.body()), call.body_bytes)


if __name__ == "__main__":
    unittest.main()
