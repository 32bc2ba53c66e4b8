"""Plants violations in a temporary tree and sees includes.py find each of them."""

import pathlib
import tempfile
import unittest

import includes


def problems_of(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return includes.problems(root)


HOUSE = {
    "lib/base/result.h": "#include <string>\n",
    "lib/http/url.h": '#include "base/result.h"\n',
    "lib/protocol/chat.h": '#include "base/result.h"\n',
    "lib/decision/decide.h": '#include "http/url.h"\n',
    "providers/vendors.h": '#include "protocol/chat.h"\n',
    "sidecar/engine/loop.h": "#include <boost/asio/io_context.hpp>\n",
    "sidecar/exchange/exchange.h": '#include "sidecar/engine/loop.h"\n#include "providers/vendors.h"\n',
    "cmd/build_info.h.in": "",
    "cmd/version.cpp": '#include "cmd/build_info.h"\n#include <nlohmann/json_fwd.hpp>\n#include <nlohmann/json.hpp>\n',
    "cmd/main.cpp": '#include <CLI/CLI.hpp>\n#include "sidecar/exchange/exchange.h"\n#include <sys/stat.h>\n',
    "tests/lib/base/result_test.cpp": '#include <catch2/catch.hpp>\n#include <httplib.h>\n#include "base/result.h"\n',
}

VIOLATIONS = {
    "a room climbs": (
        "lib/http/client.cpp", '#include "decision/decide.h"',
        "includes decision/decide.h: lib/http is beneath lib/decision"),
    "a room crosses its floor": (
        "lib/http/client.cpp", '#include "protocol/chat.h"',
        "includes protocol/chat.h: lib/http and lib/protocol are on one floor"),
    "the library looks up at a vendor": (
        "lib/decision/rank.cpp", '#include "providers/vendors.h"',
        "includes providers/vendors.h: lib is beneath providers"),
    "an adapter looks up at the engine": (
        "providers/openai.cpp", '#include "sidecar/engine/loop.h"',
        "includes sidecar/engine/loop.h: providers is beneath sidecar"),
    "the engine looks up at the exchange": (
        "sidecar/engine/loop.cpp", '#include "sidecar/exchange/exchange.h"',
        "includes sidecar/exchange/exchange.h: sidecar/engine is beneath the rest of the sidecar"),
    "the program includes a test": (
        "cmd/call.cpp", '#include "tests/lib/base/result_test.cpp"',
        "includes tests/lib/base/result_test.cpp: cmd is beneath tests"),
    "an include names no file": (
        "sidecar/engine/loop.cpp", '#include "engine/loop.h"',
        "includes engine/loop.h: no file of the project has this name, seen from lib/ or from the root"),
    "a package comes in by a window": (
        "lib/decision/rank.cpp", "#include <simdjson.h>",
        "includes simdjson.h: the door of simdjson.h is lib/protocol/*.cpp"),
    "Asio outside the engine": (
        "sidecar/exchange/exchange.cpp", "  #  include <boost/asio/post.hpp>",
        "includes boost/asio/post.hpp: the door of boost/ is sidecar/engine/"),
    "a heavy header in a header": (
        "lib/protocol/json.h", "#include <nlohmann/json.hpp>",
        "includes nlohmann/json.hpp: the door of nlohmann/ is "
        "lib/*.cpp and providers/*.cpp and sidecar/*.cpp and cmd/*.cpp"),
    "toml++ in a header of its own room": (
        "lib/config/read.h", "#include <toml++/toml.h>",
        "includes toml++/toml.h: the door of toml++/ is lib/config/*.cpp"),
    "an unknown package": (
        "cmd/chart.cpp", "#include <ncurses.h>",
        "includes ncurses.h: this package has no door yet: give it one in tests/project/includes.py"),
}


class Includes(unittest.TestCase):
    def test_a_sound_house_has_no_problem(self):
        self.assertEqual(problems_of(HOUSE), [])

    def test_each_violation_is_found_and_only_it(self):
        for name, (path, line, message) in VIOLATIONS.items():
            with self.subTest(name):
                self.assertEqual(problems_of({**HOUSE, path: f"// c\n{line}\n"}), [f"{path}:2: {message}"])

    def test_a_room_without_a_floor_is_found(self):
        self.assertEqual(problems_of({"lib/misc/x.h": ""}),
                         ["lib/misc/x.h: lib/misc has no floor yet: give it one in tests/project/includes.py"])

    def test_words_in_comments_are_no_includes(self):
        self.assertEqual(problems_of({"lib/base/x.h": '// #include "nothing.h"\n'}), [])


if __name__ == "__main__":
    unittest.main()
