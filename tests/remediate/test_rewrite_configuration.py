"""What the scanner finds in configuration is replaced, and a second scan finds nothing."""

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detect.engine import Engine
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Refusal, Rewrite
from scanner.remediate.rewrite.languages import language_of
from scanner.rulepack.pack import builtin


def password(number: int) -> str:
    text = b64encode(hashlib.sha256(b"%d" % number).digest()).decode()
    return "".join(filter(str.isalnum, text))[:20]


SECRETS = {
    name: password(number)
    for number, name in enumerate(("SAMPLE_ONE", "SAMPLE_TWO", "SAMPLE_THREE"))
}
SECRETS["SAMPLE_DSN"] = "postgres" + f"://app:{password(9)}@db.internal/shop"
SECRETS["SAMPLE_ENCODED"] = b64encode(password(8).encode()).decode()

FILES = {
    "compose.yaml": """\
services:
  db:
    environment:
      POSTGRES_PASSWORD: SAMPLE_ONE
      URL: 'SAMPLE_DSN'
  app:
    environment:
      - API_SECRET=SAMPLE_TWO # ours
    command: ["serve", "--password=SAMPLE_THREE"]
""",
    "deploy/pod.yaml": """\
apiVersion: v1
kind: Pod
spec:
  containers:
    - env:
        - name: URL
          value: "SAMPLE_DSN"
---
apiVersion: v1
kind: Secret
data:
  password: SAMPLE_ENCODED
  user: Ym9i
stringData:
  api_key: SAMPLE_ONE
""",
    "values.yaml": "db:\n  password: SAMPLE_ONE\n  urls: [SAMPLE_DSN]\n",
    ".github/workflows/ci.yml": """\
on: push
env:
  DB_PASSWORD: SAMPLE_ONE
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          export API_SECRET=SAMPLE_TWO
          psql "SAMPLE_DSN" -c 'select 1'
          login --password='SAMPLE_THREE'
""",
    ".gitlab-ci.yml": """\
variables:
  DB_PASSWORD: SAMPLE_ONE
  MODE: fast
build:
  script:
    - export API_SECRET=SAMPLE_TWO
    - psql SAMPLE_DSN
""",
    "site.yml": """\
- hosts: all
  vars:
    db_password: SAMPLE_ONE
    url: "SAMPLE_DSN"
  tasks:
    - shell: login --password=SAMPLE_TWO
""",
    "application.yml": "spring:\n  datasource:\n    url: SAMPLE_DSN\n    password: SAMPLE_ONE\n",
    "application.properties": "spring.datasource.password=SAMPLE_ONE\nurl=SAMPLE_DSN\n",
    ".env": "MODE=fast\nDB_PASSWORD=SAMPLE_ONE\nexport URL='SAMPLE_DSN'\n",
    "Dockerfile": """\
FROM alpine
ENV MODE=fast DB_PASSWORD=SAMPLE_ONE \\
    URL=SAMPLE_DSN
RUN export API_SECRET=SAMPLE_TWO && \\
    login --password="SAMPLE_THREE"
""",
    "main.tf": """\
resource "a" "b" {
  password = "SAMPLE_ONE"
  url      = "SAMPLE_DSN"
}
""",
    "prod.tfvars": 'mode = "fast"\ndb_password = "SAMPLE_ONE"\n',
    "a.json": '{"password": "SAMPLE_ONE", "nested": [{"url": "SAMPLE_DSN"}]}',
    "a.toml": '[db]\npassword = "SAMPLE_ONE"\nurl = "SAMPLE_DSN"\n',
    "a.ini": "[db]\npassword = SAMPLE_ONE\nurl = SAMPLE_DSN\n",
    "a.xml": '<a><add key="password" value="SAMPLE_ONE"/><url>SAMPLE_DSN</url></a>',
    "a.properties": "db.password=SAMPLE_ONE\nurl=SAMPLE_DSN\n",
    "a.yaml": "db:\n  password: SAMPLE_ONE\n  url: SAMPLE_DSN\n",
    "README.md": "# Notes\n\n    export DB_PASSWORD=SAMPLE_ONE\n\n`psql SAMPLE_DSN`\n",
}
ENGINE = Engine(builtin())


@pytest.mark.parametrize("path", FILES)
def test_every_secret_that_is_found_goes(path: str) -> None:
    text = FILES[path]
    for name, secret in SECRETS.items():
        text = text.replace(name, secret)
    source = text.encode()
    language = language_of(path.encode(), source)
    assert language is not None
    matches = ENGINE.findings(source).matches
    assert len(matches) == sum(FILES[path].count(name) for name in SECRETS)
    wanted = []
    for number, match in enumerate(matches):
        literal = language.locate(source, match.start, match.end)
        assert not isinstance(literal, Refusal), literal
        assert match.secret.reveal() in literal.value.reveal()
        wanted.append(Wanted(literal, f"SECRET_{number}"))
    changed = change(source, language, wanted)
    assert all(isinstance(rewrite, Rewrite) for rewrite in changed.rewrites)
    assert not ENGINE.findings(changed.content).matches
    for match in matches:
        assert match.secret.reveal() not in changed.content


MARKS = st.sampled_from([*"'\"\\\n\t#{}[]: $<>&=-|`%!*é", "\r\n", "${", "<<E", "\\u00"])


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=150, deadline=None)
def test_no_file_makes_it_fail(path: str, data: st.DataObject) -> None:
    text = FILES[path]
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(MARKS) + text[place:]
    source = text.encode()
    language = language_of(path.encode(), FILES[path].encode())
    assert language is not None
    start = data.draw(st.integers(0, len(source) - 1))
    end = data.draw(st.integers(start + 1, min(start + 20, len(source))))
    literal = language.locate(source, start, end)
    if isinstance(literal, Refusal):
        assert literal.reason
        return
    assert 0 <= literal.start < literal.end <= len(source)
    assert literal.value.reveal()
    changed = change(source, language, [Wanted(literal, "APP_X")])
    assert (changed.content == source) == isinstance(changed.rewrites[0], Refusal)
