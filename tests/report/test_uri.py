import re
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.report.uri import folder, relative, remote

# RFC 3986, appendix A: a relative reference of path segments, the first without a colon.
PATH = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})[A-Za-z0-9._~%/-]*|")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (b"src/app.py", "src/app.py"),
        (b"a b#c?d%e.txt", "a%20b%23c%3Fd%25e.txt"),
        ("名".encode(), "%E5%90%8D"),
        (b"line\nbreak\xff", "line%0Abreak%FF"),
        (b"C:/x", "C%3A/x"),
        (b"javascript:alert(1)", "javascript%3Aalert%281%29"),
        (b"a\\b", "a%5Cb"),
        (b"..hidden/x..", "..hidden/x.."),
        (b"", ""),
        (b"/etc/passwd", ""),
        (b"//host/share", ""),
        (b"a/../../etc/passwd", ""),
    ],
)
def test_relative(path, uri):
    assert relative(path) == uri


@given(st.binary(max_size=40))
def test_relative_is_a_valid_path_that_gives_back_the_bytes(path):
    uri = relative(path)
    assert PATH.fullmatch(uri)
    assert re.fullmatch(r"(?:%[0-9A-F]{2}|[^%])*", uri)
    if uri:
        parts = urlsplit(uri)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert unquote_to_bytes(uri) == path


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/srv/acme", "file:///srv/acme/"),
        ("/", "file:///"),
        ("//srv/a b#?", "file:///srv/a%20b%23%3F/"),
        (r"C:\Users\Ann Lee\repo", "file:///C:/Users/Ann%20Lee/repo/"),
        ("d:/repo/", "file:///d:/repo/"),
        ("C:\\", "file:///C:/"),
        (r"\\server\share\é", "file://server/share/%C3%A9/"),
        ("/bad\udcff", "file:///bad%FF/"),
        (".", ""),
        ("-", ""),
        ("https://git.example/acme", ""),
    ],
)
def test_folder(path, uri):
    assert folder(path) == uri


@pytest.mark.parametrize(
    ("origin", "uri"),
    [
        ("https://git.example/acme.git", "https://git.example/acme.git"),
        ("https://[2001:db8::1]:8443/a[b]|c%", "https://[2001:db8::1]:8443/a%5Bb%5D%7Cc%25"),
        ("ssh://git@git.example/~ann/app%20x.git", "ssh://git@git.example/~ann/app%20x.git"),
        ("git@git.example:acme/app.git", "ssh://git@git.example/acme/app.git"),
        ("git.example:/srv/app name.git", "ssh://git.example/srv/app%20name.git"),
        ("git.example:/srv/app#1", "ssh://git.example/srv/app%231"),
        ("/srv/mirror", "file:///srv/mirror/"),
        (r"C:\mirror", "file:///C:/mirror/"),
        ("../sibling", ""),
        ("", ""),
        ("https://bad host/", ""),
        ("ext::sh -c whoami", ""),
    ],
)
def test_remote(origin, uri):
    assert remote(origin) == uri
