"""Computes scanner/detect/_words.py: words of programs and of English, to tell text from secrets.

Run `python benchmarks/word_list.py`. Words are taken from two texts that come with Python: the
identifiers, comments and docstrings of the standard library (those that two modules use, or that
are long and spelled like a word), and the names of the symbols in Unicode, which name animals,
food, tools and places. `COMMON` adds what people call accounts and products. A word whose stem is
in the list is left out, as `scanner.detect.words` knows the same endings.
"""

import re
import sysconfig
import unicodedata
from collections import Counter
from pathlib import Path

from scanner.detect.randomness import surprise
from scanner.detect.words import ENDINGS, LONGEST, SHORTEST

TARGET = Path(__file__).parent.parent / "scanner" / "detect" / "_words.py"
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
LEFT_OUT = ("config-", "encodings/", "ensurepip/", "site-packages/", "test/")
SYMBOLS = (range(0x2000, 0x2C00), range(0x1F000, 0x1FC00))

LIKE_A_WORD = 4.7  # bits of surprise a character, at most
COMMON: list[str] = re.findall(
    "[a-z]+",
    """
admin administrator adm alertmanager alice alpine anonymous ansible apache apollo artifactory
aspera auth aws azure backend bitbucket bitnami blog bob bootstrap buildkite cacti camunda carol
cassandra celery centos ceph charlie chef chris cisco citrix cloud clickhouse cockroach confluence
consul couchbase couchdb daemon dave datadog debian demo devops django docker drupal eclipse
elastic elasticsearch eve fedora flask foobar foo bar baz quux qux ftp gerrit ghost gitea github
gitlab gogs golang gradle grafana graylog guest hadoop harbor hashicorp haproxy heroku hive hunter
ibm influx influxdb ironman jack jane java jboss jenkins jetty jim jira joe john johndoe joomla
jupyter kafka karaf keycloak kibana kong kube kubernetes laravel ldap letmein linux localhost
logstash luke magento mailhog mallory manager mariadb mark maria mary mattermost maven memcached
metabase mike minikube minio mongo mongodb moodle mssql mysql nacos nagios nancy neo nexus nginx
nobody node nomad nuxeo odoo openldap openshift opensearch oracle owncloud nextcloud packer pass
passwd passwort paul payara peter pgadmin phpmyadmin pivotal postgis postgres postgresql presto
princess prometheus proxy puppet pwd python qwerty rabbit rabbitmq rancher redis redmine
replication richard root rundeck pswd sakura salt samba scott sentry sesame shadow sonar sonarqube
solr spark splunk spring sqlserver ssh steve sudo sunshine superset superuser supersecret swagger
swordfish sysadmin tableau teamcity tempest test tester testing terraform thanos tiger timescale
tom tomcat tony traefik travis trino trustno ubuntu user username vagrant vault vbox vertica
vmware webhook weblogic websphere welcome wildfly wombat wordpress yugabyte zabbix zeppelin
zookeeper appid appsecret argv bool boolean bcrypt bytes calloc cfg char config const credential
credentials creds csrf ctx dbname dict dest dto elem enum env envvar expr fd fmt getenv getpass
hash hmac html http https hostname idx impl int iter javascript json jwt keyfile keystore lang len
login logout malloc mgr middleware msg nonce null num oauth obj offset opts optarg param params
payload pbkdf pem plaintext pkcs prefs prev prop props ptr pubkey pw pwfile realloc ref refs regex
req res ret rsa saml schema scram sftp sha sig smtp smtps sprintf src ssl sso stderr stdin stdout
str strcpy strdup struct subkey substr symfony sync tls tmp todo totp truststore tsx typedef
typeof txt ui uid uint unset uri url utf util utils uuid val var vec vite void webpack wifi wpa
xml yaml yml autofocus autocomplete checkbox dropdown fieldset formcontrol href img navbar onclick
onchange placeholder readonly textbox textarea textfield tooltip contrasena contrasenya geslo
haslo heslo jelszo kennwort lozinka losenord losen mot motdepasse parola parole parool passord
salasana senha sifre slaptazodis wachtwoord adgangskode clave chave sandi kata mima passwortes
nueva nouveau neues nova novo ancien actual confirmar bestaetigen
""",
)


def prose() -> set[str]:
    """Return the words of the standard library."""
    root = Path(sysconfig.get_paths()["stdlib"])
    uses: Counter[str] = Counter()
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(LEFT_OUT) and "/test" not in name:
            text = path.read_text("utf-8", "replace")
            uses.update({word.lower() for word in PARTS.findall(text)})
    return {
        word
        for word, modules in uses.items()
        if modules > 1 or (len(word) > 4 and surprise(word.encode()) < LIKE_A_WORD)
    }


def symbols() -> set[str]:
    """Return the words of the names of Unicode's symbols and pictographs."""
    names = (unicodedata.name(chr(code), "") for block in SYMBOLS for code in block)
    return {word.lower() for name in names for word in re.findall(r"[A-Z]{4,}", name)}


def without_endings(words: set[str]) -> list[str]:
    """Return, sorted, the words that are not others with an ending."""
    known = {word for word in words if SHORTEST <= len(word) <= LONGEST}
    endings = [ending.decode() for ending in ENDINGS]
    return sorted(
        word
        for word in known
        if not any(
            word.endswith(e) and len(word) - len(e) >= 4 and word[: -len(e)] in known
            for e in endings
        )
    )


def main() -> None:
    lines: dict[str, list[str]] = {}
    for word in without_endings(prose() | symbols() | set(COMMON)):
        lines.setdefault(word[0], []).append(word)
    body = "".join(f'    b"{" ".join(words)} "\n' for _, words in sorted(lines.items()))
    TARGET.write_text(
        '"""Generated by benchmarks/word_list.py; do not edit.\n\n'
        'A line a first letter.\n"""\n\n'
        f"# ruff: noqa: E501\n\nWORDS = (\n{body})\n"
    )


if __name__ == "__main__":
    main()
