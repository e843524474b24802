"""Scripts print the same before and after, run by their own interpreters."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import command, same

PYTHON = '''#!/usr/bin/env python3
"""Prints."""
from __future__ import annotations

import sys

PLAIN = "sample-horses"
URL = 'postgres://me:sample-horses@host/db'
HEADER = {"Authorization": f"Bearer {1 + 1} sample-horses"}
BYTES = b"\\x41 sample-horses"
KEY = """
-----BEGIN-----
sample-horses
-----END-----
"""
JOINED = ("a " "sample-horses"
          " b").upper()
LOWER = "%s sample-horses" % 1


def f(a: str = "sample-horses") -> str:
    return a + " sample-horses."


print(PLAIN, URL, HEADER, BYTES, KEY, JOINED, LOWER, f(), f(PLAIN), sys.argv[1:])
'''


def test_python(tmp_path: Path) -> None:
    same(tmp_path, "a.py", PYTHON, command(sys.executable, "{}"))


@pytest.mark.parametrize("version", ["3.8", "3.11", "3.12", "3.13"])
def test_other_versions_of_python(version: str, tmp_path: Path) -> None:
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-V"], capture_output=True).returncode:
        pytest.skip(f"python{version} is not installed")
    same(tmp_path, "a.py", PYTHON, command(found, "{}"))


SCRIPT = r"""
const plain = 'sample-horses';
const url = "postgres://me:sample-horses@host/db";
const list = {a: `x ${1 + 1} sample-horses\n`, 'b-c': "sample-horses"};
const key = `
-----BEGIN-----
sample-horses
`;
const f = (a = "sample-horses") => a + ("-" + "say sample-horses!").toUpperCase();
console.log(plain, url, list, key, f(), [..."\u{1F600} sample-horses"].length);
"""


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.mjs", "import fs from 'node:fs';"),
        ("a.cjs", "'use strict'; const fs = require('fs');"),
        ("a.js", "#!/usr/bin/env node"),
    ],
)
def test_javascript(name: str, head: str, tmp_path: Path) -> None:
    same(tmp_path, name, head + SCRIPT, command("node", "{}"))


SHELL = r"""
export PLAIN="sample-horses"
URL='postgres://me:sample-horses@host/db'
WORD=sample-horses
HEADER='Authorization: Bearer sample-horses'
MIXED="$PLAIN and "'sample-horses'
DEFAULT="${NOTHING:-sample-horses}"
show() { printf '<%s>\n' "$@"; }
show "$PLAIN" "$URL" "$WORD" "$HEADER" "$MIXED" "$DEFAULT"
show --token=sample-horses 'say "sample-horses" $x'
cat <<END
$WORD sample-horses
END
[ "$WORD" = sample-horses ] && show equal "$(show 'sample-horses')"
case $WORD in "sample-horses") show case ;; esac
"""


@pytest.mark.parametrize("shell", ["bash", "dash", "sh"])
def test_shell(shell: str, tmp_path: Path) -> None:
    same(tmp_path, "a.sh", "#!/bin/sh -eu" + SHELL, command(shell, "-u", "{}"))


def test_bash_alone(tmp_path: Path) -> None:
    source = "list=(a 'sample-horses')\nshow=$'x\\tsample-horses'\n"
    source += 'echo "${list[@]}" "$show"\ncat <<<"sample-horses"\n'
    same(tmp_path, "a.sh", source, command("bash", "{}"))


RUBY = r"""
# frozen_string_literal: true
PLAIN = "sample-horses"
list = { 'pw' => 'sample-horses', token: %q(sample-horses), url: "p://me:sample-horses@h" }
key = <<~KEY.strip + "!"
  -----BEGIN\t
    sample-horses

  -----END-----
KEY
raw = <<-'RAW'
  -----BEGIN\t
  sample-horses
  -----END-----
  RAW
joined = 'a ' 'sample-horses' " b"
def f(a, b = 'sample-horses') = "#{a} sample-horses #{b}"
puts PLAIN, list.inspect, key, raw, joined, f(1), 'x sample-horses'.upcase, `echo sample-horses`
puts [1, 'no sample-horses'].inspect, (case PLAIN when 'sample-horses' then 'equal' end)
"""


def test_ruby(tmp_path: Path) -> None:
    same(tmp_path, "a.rb", RUBY, command("ruby", "{}"))


PHP = r"""<p><?php

class Client {
    private string $token;
    function __construct(array $with) { $this->token = 'a sample-horses' . $with['pw']; }
    function show() { return $this->token . "\x41 sample-horses {$this->token}\n"; }
}
define('PLAIN', "sample-horses");
$url = "p://me:sample-horses@h";
$key = <<<KEY
    -----BEGIN\t
      sample-horses
    -----END-----
    KEY;
$raw = <<<'RAW'
-----BEGIN\t
sample-horses
-----END-----

RAW;
echo PLAIN, $url, $key, $raw, (new Client(['pw' => 'sample-horses']))->show();
echo strtoupper("no sample-horses"), PLAIN == 'sample-horses' ? 'equal' : '', "sample-horses"[2];
"""


def test_php(tmp_path: Path) -> None:
    same(tmp_path, "a.php", PHP, command("php", "{}"))
