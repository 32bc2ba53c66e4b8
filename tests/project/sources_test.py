"""Plants forgotten, absent and ill-worded files in a temporary tree and sees the checks find them."""

import pathlib
import tempfile
import unittest

import sources
import words


def planted(files):
    folder = tempfile.TemporaryDirectory()
    for name, text in files.items():
        path = pathlib.Path(folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


class Sources(unittest.TestCase):
    def test_listed_and_existing_files_must_be_the_same(self):
        with planted({
            "lib/CMakeLists.txt": "target_sources(aigw_lib PRIVATE\n  base/money.cpp\n  base/gone.cpp  # base/comment.cpp\n"
                                  "  ${CMAKE_BINARY_DIR}/generated.cpp)\n",
            "lib/base/money.cpp": "", "lib/base/forgotten.cpp": "", "build/generated.cpp": "",
        }) as root:
            self.assertEqual(sources.problems(pathlib.Path(root)), [
                "lib/CMakeLists.txt: lists lib/base/gone.cpp, which does not exist",
                "lib/base/forgotten.cpp: no CMakeLists.txt lists it",
            ])


class Words(unittest.TestCase):
    CASES = {
        "a registry": ("see registry." + "npmjs.org", "'registry." + "npmjs' names the host of a package registry"),
        "a registry's address": ("https://" + "deb.example/x", "'https://" + "deb.' names the host of a package registry"),
        "a machine's path": ('open("/' + 'work/x")', "'/" + "work/' names a path of one machine"),
        "an unfinished mark": ("// TO" + "DO: later", "'TO" + "DO' is an unfinished mark"),
        "a merge": ("<" * 7 + " HEAD", "'" + "<" * 7 + " ' is left of a merge"),
    }

    def test_each_forbidden_word_is_found(self):
        for name, (line, message) in self.CASES.items():
            with self.subTest(name), planted({"README.md": f"fine\n{line}\n"}) as root:
                self.assertEqual(words.problems(pathlib.Path(root)), [f"README.md:2: {message}"])

    def test_like_words_are_left_alone(self):
        text = "https://api.openai.com/v1 /v1/" + "work/x network/ todos path/to/" + "root/x\n"
        with planted({"README.md": text}) as root:
            self.assertEqual(words.problems(pathlib.Path(root)), [])


if __name__ == "__main__":
    unittest.main()
