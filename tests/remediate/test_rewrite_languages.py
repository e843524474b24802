import sys

import pytest

from scanner.errors import UsageError
from scanner.remediate.rewrite.edit import Refusal
from scanner.remediate.rewrite.languages import language_of


@pytest.mark.parametrize(
    ("path", "content", "name"),
    [
        ("src/app.py", b"", "python"),
        ("src/APP.PY", b"", "python"),
        ("a.mjs", b"", "javascript"),
        ("a.jsx", b"", "javascript"),
        ("a.d.ts", b"", "typescript"),
        ("a.tsx", b"", "tsx"),
        ("A.java", b"", "java"),
        ("build.gradle.kts", b"", "kotlin"),
        ("a.go", b"", "go"),
        ("a.rs", b"", "rust"),
        ("Gemfile", b"", "ruby"),
        ("a.phtml", b"", "php"),
        ("A.cs", b"", "csharp"),
        (".envrc", b"", "shell"),
        ("bin/run", b"#!/bin/bash -e\n", "shell"),
        ("bin/run", b"#! /usr/bin/env sh\n", "shell"),
        ("bin/run", b"#!/usr/bin/env -S python3 -u\n", "python"),
        ("bin/run", b"#!/usr/bin/env LANG=C ruby\n", "ruby"),
        ("bin/run", b"#!/usr/local/bin/node\r\n", "javascript"),
        ("bin/run", b"#!/usr/bin/perl\n", "unknown"),
        ("a.pl", b"", "unknown"),
        ("requirements.txt", b"", "unknown"),
        ("Dockerfile.prod", b"FROM x\n", "dockerfile"),
        (".env.local", b"", "dotenv"),
        ("prod.tfvars", b"", "terraform"),
        ("config/application-prod.properties", b"", "spring"),
        ("a.properties", b"", "properties"),
        ("chart/values.yaml", b"", "helm"),
        ("a.yaml", b"kind: Secret\napiVersion: v1\n", "kubernetes"),
        ("a.yml", b"a: b\n", "yaml"),
        ("a.json", b"{}", "json"),
        ("app.config", b"<a/>", "xml"),
        (".npmrc", b"", "ini"),
        ("a.toml", b"", "toml"),
        ("README.md", b"", "markup"),
        ("notes.txt", b"", "text"),
    ],
)
def test_the_language_of_a_file(path: str, content: bytes, name: str) -> None:
    language = language_of(path.encode(), content)
    assert language is not None
    assert language.name == name


def test_a_file_that_is_not_text_has_no_language() -> None:
    assert language_of(b"a.py", b"\x7fELF\0\0") is None


def test_utf_16_is_refused() -> None:
    content = "x = 'sample-horses'".encode("utf-16")
    language = language_of(b"a.py", content)
    assert language is not None
    assert isinstance(language.locate(content, 2, 4), Refusal)


def test_an_unknown_language_refuses() -> None:
    language = language_of(b"a.pl", b"$x = 'sample-horses';")
    assert language is not None
    assert isinstance(language.locate(b"$x = 'sample-horses';", 6, 19), Refusal)


@pytest.mark.parametrize("missing", ["tree_sitter", "tree_sitter_go"])
def test_a_parser_that_is_not_installed_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.startswith("scanner.remediate.rewrite."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UsageError, match=rf"{missing}; run: pip install 'leakseal\[rewrite\]'"):
        language_of(b"a.go", b"package main\n")
