"""Reads the plain part of YAML that the examples keep to: block mappings and lists, scalars, `|` texts, several documents.

Everything else (flow collections, anchors, tags, tabs, keys said twice, uneven indentation) is refused with its line, so
that what is read here means the same to every other reader.
"""

import re

KEY = re.compile(r"([A-Za-z0-9_./-]+):(?: (.*))?$")
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"$')


class Wrong(Exception):
    """What is wrong, beginning with its line."""


class Line:
    def __init__(self, number, text):
        self.number = number
        self.indent = len(text) - len(text.lstrip(" "))
        self.text = text.strip()

    def wrong(self, why):
        return Wrong(f"{self.number}: {why}: {self.text}")


def scalar(line, text):
    if quoted := DOUBLE_QUOTED.match(text):
        return re.sub(r'\\(.)', r"\1", quoted[1])
    if text[0] in "\"'&*!|>%@`{}[],?" or ": " in text or " #" in text or text.endswith(":"):
        raise line.wrong("no plain scalar")
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"\d+", text) else text


class Reader:
    def __init__(self, numbered):
        self.raw = numbered
        self.at = 0

    def peek(self):
        while self.at < len(self.raw):
            number, text = self.raw[self.at]
            if text.strip() and not text.lstrip().startswith("#"):
                line = Line(number, text)
                if "\t" in text:
                    raise line.wrong("a tab")
                return line
            self.at += 1
        return None

    def block(self, indent):
        """The mapping or list whose lines begin at that column."""
        return self.list(indent) if self.peek().text.startswith("- ") else self.mapping(indent)

    def list(self, indent):
        items = []
        while (line := self.peek()) and line.indent == indent and line.text.startswith("- "):
            rest = line.text[2:]
            if KEY.match(rest):  # a mapping that begins on the dash's line
                self.raw[self.at] = (line.number, " " * (indent + 2) + rest)
                items.append(self.mapping(indent + 2))
            else:
                self.at += 1
                items.append(scalar(line, rest))
        return items

    def mapping(self, indent):
        fields = {}
        while (line := self.peek()) and line.indent == indent and not line.text.startswith("- "):
            match = KEY.match(line.text)
            if not match:
                raise line.wrong("no `key: value`")
            if match[1] in fields:
                raise line.wrong("a key said twice")
            self.at += 1
            fields[match[1]] = self.value(line, match[2], indent)
        if line and line.indent > indent:
            raise line.wrong("uneven indentation")
        return fields

    def value(self, line, text, indent):
        if text == "|":
            return self.text(indent)
        if text:
            return scalar(line, text)
        below = self.peek()
        if below is None or below.indent <= indent:
            raise line.wrong("a key without a value")
        return self.block(below.indent)

    def text(self, indent):
        lines = []
        while self.at < len(self.raw):
            text = self.raw[self.at][1]
            if text.strip() and len(text) - len(text.lstrip(" ")) <= indent:
                break
            lines.append(text)
            self.at += 1
        cut = min(len(text) - len(text.lstrip(" ")) for text in lines if text.strip())
        return "\n".join(text[cut:] for text in lines).rstrip("\n") + "\n"


def documents(text):
    """Every document of the text."""
    found, numbered = [], []
    for number, line in enumerate(text.splitlines() + ["---"], 1):
        if line != "---":
            numbered.append((number, line))
            continue
        reader = Reader(numbered)
        if first := reader.peek():
            found.append(reader.block(first.indent))
            if rest := reader.peek():
                raise rest.wrong("uneven indentation")
        numbered = []
    return found
