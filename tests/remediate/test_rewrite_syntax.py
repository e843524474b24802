import sys

import pace
import pytest
from rewrite_once import content, once

from scanner.remediate.rewrite.edit import Literal
from scanner.remediate.rewrite.languages import named

PROGRAMS = (
    "csharp",
    "go",
    "java",
    "javascript",
    "kotlin",
    "php",
    "python",
    "ruby",
    "rust",
    "shell",
)


@pytest.mark.parametrize(
    ("name", "source", "line"),
    [
        ("csharp", b"class A {\n int x = ;\n}", 2),
        ("go", b"package main\n\nfunc {\n", 3),
        ("java", b"class A {\n int x = ;\n}", 2),
        ("javascript", b"const a = 1;\nconst = ;\n", 2),
        ("kotlin", b"val x = 1\nval = (\n", 2),
        ("php", b"<?php\n$x = ;\n", 2),
        ("python", b"x = 1\nx = (\n", 2),
        ("ruby", b"x = 1\ndef f(\n", 2),
        ("rust", b"fn f() {\n let = 1;\n}\n", 2),
        ("shell", b"true\nif true; then\n", 2),
        ("typescript", b"let y = 1\nlet x: = 1\n", 2),
    ],
)
def test_a_problem_says_where_it_is(name: str, source: bytes, line: int) -> None:
    assert named(name).problem(source).startswith(f"line {line}, column ")


@pytest.mark.parametrize("name", [*PROGRAMS, "typescript", "tsx"])
def test_an_empty_file_has_no_problem(name: str) -> None:
    assert named(name).problem(b"") == ""


@pytest.mark.parametrize(
    ("name", "size", "limit"), [("go", 4 << 20, "4 MiB"), ("python", 1 << 19, "512 KiB")]
)
def test_what_is_too_large_is_refused(name: str, size: int, limit: str) -> None:
    source = b"x = 'sample-horses'\n" + b"#" * size
    assert once(named(name), source) == f"the file is larger than {limit}"
    assert named(name).problem(source) != ""


def test_utf_16_is_refused() -> None:
    language = named("javascript")
    reason = language.problem("x = 'sample-horses'".encode("utf-16"))
    assert reason == "the file is UTF-16 or not text"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_nonsense_that_takes_gigabytes_to_parse_is_refused() -> None:
    source = b'"sample-horses"' + b"a<" * 60_000
    refused = []
    assert pace.cost(lambda: refused.append(once(named("java"), source))) < 200
    assert refused == ["parsing it takes more than 10 seconds or a gigabyte"]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("opening", [b"(", b"[", b"{", b"f(g["])
def test_deep_nesting_is_no_crash(name: str, opening: bytes) -> None:
    source = (b"<?php " if name == "php" else b"") + opening * 600 + b'"sample-horses"'
    located = named(name).locate(source, len(source) - 14, len(source) - 1)
    assert located is not None
    assert named(name).problem(source) != ""


def test_a_literal_deep_within_a_program() -> None:
    deep = 40  # Python itself takes less than a hundred
    source = b"x = " + b"[" * deep + b'"sample-horses"' + b"]" * deep + b"\n"
    expected = b"import os\n\nx = " + b"[" * deep + b'os.environ["APP_X"]' + b"]" * deep + b"\n"
    assert content(named("python"), source) == expected


def test_a_chain_of_three_thousand_strings() -> None:
    lines = b" +\n".join(b'"line %d\\n"' % number for number in range(3_000))
    source = b"const key = " + lines + b";\n"
    literal = named("javascript").locate(source, 13, len(source) - 4)
    assert isinstance(literal, Literal)
    assert literal.value.reveal() == b"".join(b"line %d\n" % n for n in range(3_000))
    assert (literal.start, literal.end) == (12, len(source) - 2)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("go", b"package a\n\n// pw: sample-horses\n", b"package a\n\n// pw: [REDACTED]\n"),
        ("java", b"/* sample-horses */ class A {}", b"/* [REDACTED] */ class A {}"),
        ("javascript", b"f(); // sample-horses", b"f(); // [REDACTED]"),
        ("kotlin", b"// sample-horses\nval x = 1\n", b"// [REDACTED]\nval x = 1\n"),
        ("csharp", b"/// <x>sample-horses</x>\nclass A {}", b"/// <x>[REDACTED]</x>\nclass A {}"),
        ("php", b"<?php # sample-horses\n", b"<?php # [REDACTED]\n"),
        ("python", b"x = 1  # sample-horses\n", b"x = 1  # [REDACTED]\n"),
        ("ruby", b"=begin\nsample-horses\n=end\n", b"=begin\n[REDACTED]\n=end\n"),
        ("rust", b"//! sample-horses\nfn f() {}\n", b"//! [REDACTED]\nfn f() {}\n"),
        ("shell", b"#!/bin/sh\n# sample-horses\n", b"#!/bin/sh\n# [REDACTED]\n"),
    ],
)
def test_a_comment_is_redacted(name: str, source: bytes, expected: bytes) -> None:
    outcome = once(named(name), source)
    assert not isinstance(outcome, str)
    assert outcome.content == expected
    assert (outcome.value, outcome.name) == (b"sample-horses", "")


def test_a_key_over_several_lines_of_comment() -> None:
    source = b"# -----BEGIN\n# correct\n# -----END\nx = 1\n"
    outcome = once(named("python"), source, b"-----BEGIN\n# correct\n# -----END")
    assert not isinstance(outcome, str)
    assert outcome.content == b"# [REDACTED]\nx = 1\n"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("csharp", 'class A {\r\n  string a = "sample-horses";\r\n}'),
        ("go", 'package a\r\n\r\nimport "os"\r\n\r\nvar a = "sample-horses"\r\n'),
        ("java", 'class A {\r\n  String a = "sample-horses";\r\n}'),
        ("javascript", 'const a = "sample-horses";\r\n'),
        ("kotlin", 'package a\r\n\r\nval a = "sample-horses"'),
        ("php", '<?php\r\n$a = "sample-horses";'),
        ("python", 'import os\r\na = "sample-horses"'),
        ("ruby", 'a = "sample-horses"\r\nb'),
        ("rust", 'fn a() {\r\n  let b = "sample-horses";\r\n}'),
        ("typescript", 'const a = "sample-horses";\r\n'),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_all_other_bytes_stay(name: str, source: str, mark: bytes) -> None:
    before = mark + source.encode()
    after = content(named(name), before)
    assert isinstance(after, bytes)
    left, right = before.split(b'"sample-horses"')
    assert after.startswith(left)
    assert after.endswith(right)
    assert b"APP_X" in after[len(left) : -len(right) or None]
    assert b"\n" not in after[len(left) : -len(right) or None]
