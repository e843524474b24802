"""Texts that look like credentials for a moment, and those beside them that are some."""

from functools import cache

import pytest

from scanner.detect.engine import Engine
from scanner.model import Confidence
from scanner.rulepack import load, pack, samples

NO_CREDENTIALS = {
    "rules of validation": "'password' => 'required|string|min:8|confirmed',",
    "a version": 'minipass: "npm:^5.0.0"',
    "a version in a lock": '    minipass "^3.0.0"',
    "code in a string of PHP": "$x = \"'\".$_POST[\"password\"].\"'\";",
    "code in HTML": "password = $r-&gt;get(&quot;pw&quot;)",
    "tests that pass": "- [ ] E2E tests pass: `make e2e-compose`",
    "variables in a test": 'if test "$linkmode,$pass" = "prog,scan"; then',
    "the working directory": 'docker run -v "$$PWD":/app:ro acme/app1',
    "the working directory, braced": "docker run -v ${PWD}:/data:delegated x",
    "a URL as a key": "'http://at<<>>pass:foo%40bar@127.0.0.1:8080/': {{ x: 1 }},",
    "a chain of assignments": "@user.password = @visitor.password = ''",
    "a pointer": "char *password = *passwordp;",
    "a ternary": "password = project.hasProperty('x') ? project.mavenPassword : jfrogPassword",
    "a token of a form": '<input type="hidden" name="authenticity_token" value="<<base64 86>>==">',
    "a public part of a signature": "?X-Amz-Credential=AKIATEST%2F20200101%2Fus-east-1%2Fs3",
    "a placeholder in a URL": "x?password=passwd&dbname=app",
    "digits in a URL": "x?password=12345&id=7",
    "the name of a file": "KAFKA_SSL_KEY_CREDENTIALS: broker1_sslkey_creds",
    "a list of words": "t.addLines(['validation.not_hashed', 'password', 'not_hashed'])",
    "a list of names": 'username,password = "eric_s","1234"',
    "a member": '"ssl.key.password": SecurityConfig.ssl_stores.key_passwd',
    "a variable": "'ssl.key.password' : tsPassword",
    "prose": '"ssl.key.password": "The password of the private key in the store"',
    "a variable of a batch file": "PGPASSWORD=%LARAVEL_LOAD_PASSWORD",
    "a member of a connection": "ansible_password=remote.connection.password,",
    "rubbish": "imap://12.7:tr;",
    "a format": 'password = "pw#%d"',
    "an error": "Query has no alias identified by 'fakeid'",
    "a member in prose": "migrated, identified by 'hostConfig.NetworkMode'.",
    "a call": "host=db user=app password=lookup('password','/dev/null length=15')",
    "a camel": "environment.PGPASSWORD = connectionPassword",
    "a camel in a setting": "MYSQL_PASSWORD: dbSettings.rootPassword",
    "a member in a connection string": "Driver={SQL Server};Server=x;Pwd=settings.dbPassword;",
    "a name as its password": 'create(:username => "arunit2", :password => "arunit2")',
    "a key of a cache": 'cache_key = "<<alnum 32>>"',
    "a public key": 'publicKey: "<<base64 59>>="',
    "a key of a sort": "sortKey = '<<alnum 24>>'",
    "a key of a translation": 'translationKey: "<<alnum 24>>"',
    "a digest as a key": 'build_key = "<<hex 40>>"',
    "a Kubernetes secret": "existingSecret: gyz<<>>tlkp",
    "a coin": '"token": "eip155:1/erc20:0x<<hex 40>>"',
    "a hash": 'password: "$2b<<>>$10$<<alnum 53>>"',
    "a hash in code": 'check("$6<<>>$<<alnum 16>>$<<alnum 86>>")',
    "a call without literals": "new NetworkCredential(user, password)",
    "a header without a password": 'Authorization: Basic <<b64 username>>',
    "a parser": 'parseBasicAuth(header, "Basic <<alnum 16>>")',
}  # fmt: skip

CREDENTIALS = {
    "a line of a shadow file": ("ann:$6<<>>$<<alnum 16>>$<<alnum 86>>:19000:0:::", "medium"),
    "a line of htpasswd": ("ann:$2y<<>>$10$<<alnum 53>>", "medium"),
    "an entry of a directory": ("userPassword: {SSHA<<>>}<<base64 32>>", "medium"),
    "letters in SQL": ("CREATE USER blog WITH PASSWORD 'knx<<>>r';", "medium"),
    "SQL without quotes": ("CREATE ROLE blog WITH LOGIN PASSWORD iplq<<>>y_lusn;", "medium"),
    "an option of PowerShell": ("Get-NtToken -User Bob -Password Knk<<>>L@sgadiw", "high"),
    "an option of a program": ("ntop --set-admin-password=zhw<<>>pmtbpv", "medium"),
    "a token as an option": ("goveralls -repotoken <<alnum 32>>", "medium"),
    "a pair in base64": ("b64encode(<<>>b'ann:ovoixw')", "medium"),
    "HTTP, not in ASCII": ('b"Basic <<b64 élise:[[alnum 12]]>>"', "medium"),
    "a pair in a call": ("requests.get(url, auth=('ann', '<<password 12>>'))", "high"),
    "a default in JavaScript": ("process.env.DB_PASSWORD || '<<password 12>>'", "high"),
    "a default in Python": ('os.environ.get("DB_PASSWORD", "<<password 12>>")', "high"),
    "a default in PHP": ("getenv('DB_PASSWORD') ?: '<<password 12>>'", "high"),
    "a default in Spring": ("password: ${DB_PASSWORD:<<alnum 12>>}", "high"),
    "a key": ('MACKey:      "<<base64 27>>=",', "medium"),
    "a short secret": ("store(username='ann', secret='nmx<<>>ios')", "medium"),
    "a quote too few": ("'oauth_token: 'vzz<<>>exs9663d',", "medium"),
}


@cache
def engine() -> Engine:
    sources = load.directory(load.builtin_directory())
    return Engine(pack.make(source.rule for source in sources), Confidence.MEDIUM)


def found(text):
    return engine().findings(samples.expand(text).encode() + b"\n").matches


@pytest.mark.parametrize("what", NO_CREDENTIALS)
def test_what_is_no_credential_is_not_reported(what):
    assert [m.rule.id for m in found(NO_CREDENTIALS[what])] == []


@pytest.mark.parametrize("what", CREDENTIALS)
def test_what_stands_beside_it_is(what):
    text, confidence = CREDENTIALS[what]
    assert max(m.confidence for m in found(text)) >= Confidence[confidence.upper()]
