"""Programs print the same before and after, built by their own compilers."""

import os
from pathlib import Path

import pytest
from running import command, same

from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Literal
from scanner.remediate.rewrite.languages import language_of

pytestmark = pytest.mark.slow

JAVA = r"""
import java.util.*;

class A {
    private static final String PLAIN = "sample-horses";
    static Map<String, String> map = new HashMap<>(Map.of("pw", "p://me:sample-horses@h"));

    static String f(String... all) { return String.join(",", all); }

    public static void main(String[] args) {
        String key = "-----BEGIN\n" + "sample-horses\n" + "-----END-----\n";
        System.out.print(f(PLAIN, map.get("pw"), "a sample-horses b".trim(), key));
        System.out.println("\u0041 sample-horses" + args.length + "sample-horses".length());
    }
}
"""


def test_java(tmp_path: Path) -> None:
    same(tmp_path, "A.java", JAVA, command("java", "{}"))


@pytest.mark.parametrize(
    "block",
    [
        '"""\n    a  \n      -BEGIN sample-horses\\n\n   b\\\n   c\n   """',
        '"""\n   \t-BEGIN\n     d"""',
    ],
)
def test_a_text_block_of_java(block: str, tmp_path: Path) -> None:
    source = "class A { public static void main(String[] a) { System.out.print(%s); } }"
    path = tmp_path / "A.java"
    content = (source % block).encode()
    path.write_bytes(content)
    run = command("java", "{}")
    before = run(path, {})
    language = language_of(b"A.java", content)
    assert language is not None
    start = content.index(b'"""')
    literal = language.locate(content, start, start + len(block))
    assert isinstance(literal, Literal), literal
    assert literal.value.reveal() == before
    path.write_bytes(change(content, language, [Wanted(literal, "KEY")]).content)
    assert run(path, {"KEY": os.fsdecode(literal.value.reveal())}) == before


GO = """package main

import (
	"fmt"
	"strings"
)

type token string

var plain = "sample-horses"
var typed token = "sample-horses"
var bytes = []byte(`a
sample-horses`)

func main() {
	a, b := "p://me:sample-horses@h", map[string]string{"pw": "sample-horses"}
	fmt.Println(plain, typed, string(bytes), a, b, strings.ToUpper("x sample-horses\\x21"))
}
"""


def test_go(tmp_path: Path) -> None:
    same(tmp_path, "a.go", GO, command("go", "run", "{}"))


@pytest.mark.parametrize("imports", ['import "fmt"', 'import (\n\t"fmt"\n)', 'import f "fmt"'])
def test_imports_of_go(imports: str, tmp_path: Path) -> None:
    call = "f" if "f " in imports else "fmt"
    source = f'package main\n\n{imports}\n\nfunc main() {{ {call}.Println("sample-horses") }}\n'
    same(tmp_path, "a.go", source, command("go", "run", "{}"))
    assert command("gofmt", "-l", "{}")(tmp_path / "a.go", {}) == b""


RUST = r"""
struct Client { token: String, key: Vec<u8> }

fn show(text: &str) -> usize { println!("{text}"); text.len() }
fn own(text: impl Into<String>) -> String { text.into() }
fn any<T: AsRef<[u8]>>(bytes: T) -> usize { bytes.as_ref().len() }

fn main() {
    let plain = "sample-horses";
    let typed: &str = "p://me:sample-horses@h/d";
    let owned = String::from("sample-horses");
    let raw = r#"say "sample-horses""#;
    let bytes: &[u8] = b"sample-horses";
    let client = Client { token: "a sample-horses".to_string(), key: b"sample-horses".to_vec() };
    let length = show("sample-horses") + any(b"sample-horses");
    let equal = owned == "sample-horses" && plain != "no sample-horses";
    println!("{plain} {typed} {owned} {raw} {bytes:?} {} {:?}", client.token, client.key);
    let last = own("sample-horses");
    println!("{length} {equal} {last}");
}
"""


@pytest.mark.parametrize("edition", ["2018", "2021", "2024"])
def test_rust(edition: str, tmp_path: Path) -> None:
    build = command("rustc", "--edition", edition, "{}", "-o", "a.out")

    def run(path: Path, environment: dict[str, str]) -> bytes:
        build(path, {})
        return command(str(tmp_path / "a.out"))(path, environment)

    same(tmp_path, "a.rs", RUST, run)


TYPESCRIPT = r"""
class Client { constructor(private readonly token: string = 'sample-horses') {}
  get(): string { return `${this.token} sample-horses`; } }
interface Options { pw: string; list: string[] }
const options: Options = { pw: 'sample-horses', list: ["a sample-horses", 'sample-horses'] };
const url = new URL('https://me:sample-horses@host/');
const size: number = "sample-horses".length;
console.log(new Client().get(), options, url.password, size);
"""


def test_typescript(tmp_path: Path) -> None:
    types = "declare var process: { env: { [name: string]: string | undefined } };"
    (tmp_path / "types.d.ts").write_text(types)
    compiled = command("tsc", "--strict", "--target", "es2020", "types.d.ts", "{}")
    ran = command("node", "a.js")

    def run(path: Path, environment: dict[str, str]) -> bytes:
        compiled(path, {})
        return ran(path, environment)

    same(tmp_path, "a.ts", TYPESCRIPT, run)


CSHARP = r'''
using System;
using System.Collections.Generic;

class A {
    static readonly string Plain = "sample-horses";
    string Url { get; set; } = @"Server=h;Password=""sample-horses""";
    static string Show(string a, string b = null) { return a + "|" + b; }

    static void Main() {
        var map = new Dictionary<string, string> {
            ["pw"] = "sample-horses", ["b"] = "a sample-horses" };
        var a = new A { Url = "p://me:sample-horses@h" };
        Console.WriteLine(Show(Plain, b: "say sample-horses") + map["pw"] + map["b"] + a.Url);
        Console.WriteLine($"{1 + 1} sample-horses {{" + $@"\{Plain} sample-horses ""x""");
        Console.WriteLine(new A().Url);
        Console.WriteLine("no sample-horses\x21".ToUpper() + "sample-horses".Length);
        Console.Write(@"
-----BEGIN
sample-horses
-----END-----
");
    }
}
'''


def test_csharp(tmp_path: Path) -> None:
    compiled, ran = command("mcs", "-out:a.exe", "{}"), command("mono", "a.exe")

    def run(path: Path, environment: dict[str, str]) -> bytes:
        compiled(path, {})
        return ran(path, environment)

    same(tmp_path, "a.cs", CSHARP, run)
