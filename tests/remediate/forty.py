"""A shop with forty leaks of all six kinds in twenty-odd kinds of files, and its programs.

Every secret is made at run time. A program prints all that it uses, so that its output before and
after a migration can be compared.
"""

import datetime
import textwrap
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from scanner.rulepack.samples import expand

LEAKS = 40


class Program(NamedTuple):
    """A program of the shop: the tool it needs, how to prepare it and how to start it."""

    tool: str
    prepare: tuple[str, ...]
    start: tuple[str, ...]


PROGRAMS = (
    Program("python3", (), ("python3", "app/settings.py")),
    Program("node", (), ("node", "web/server.js")),
    Program("bash", (), ("bash", "deploy.sh")),
    Program("javac", ("javac", "-d", "build", "java/App.java"), ("java", "-cp", "build", "App")),
    Program("go", ("go", "build", "-o", "build/shop", "go/main.go"), ("build/shop",)),
    Program("rustc", ("rustc", "-o", "build/pay", "rust/main.rs"), ("build/pay",)),
)
_PLAIN = serialization.NoEncryption()
_PEM = serialization.Encoding.PEM


def ssh_key() -> str:
    """Return an OpenSSH private key, with its final line break."""
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(_PEM, serialization.PrivateFormat.OpenSSH, _PLAIN).decode()


def private_key() -> str:
    """Return a private key in PKCS #8."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, _PLAIN).decode()


def certificate() -> str:
    """Return a certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.acme.io")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, _PLAIN)
    return made.public_bytes(_PEM).decode() + private.decode()


# Text of the files; a number in braces is one of the things that cannot be spelled as a sample.
FILES = {
    "app/settings.py": '''
        """Settings of the shop."""
        from __future__ import annotations

        DATABASE_URL = "postgresql://shop:<<password 20>>@db.acme.io:5432/shop"
        GITHUB_TOKEN = '<<checksum ghp_ 30>>'
        SMTP = {"host": "mail.acme.io", "password": "<<password 18>>"}
        SIGNING_KEY = """{key}"""
        print(DATABASE_URL, GITHUB_TOKEN, SMTP, SIGNING_KEY)
        ''',
    "web/server.js": """
        const stripe = "sk_live_<<alnum 24>>";
        const slack = { token: 'xoxb-<<digits 12>>-<<digits 13>>-<<alnum 24>>' };
        const mongo = `mongodb://shop:<<alnum 20>>@mongo.acme.io/shop`;
        console.log(stripe, slack.token, mongo);
        """,
    "web/client.ts": """
        const sendgridKey: string = "SG.<<base64url 22>>.<<base64url 43>>";
        export function key(): string {
          return sendgridKey;
        }
        """,
    "java/App.java": """
        public class App {
          public static void main(String[] args) {
            String password = "<<password 20>>";
            String url = "jdbc:postgresql://db.acme.io/shop?user=shop&password=<<alnum 20>>";
            System.out.println(password + " " + url);
          }
        }
        """,
    "kotlin/App.kt": """
        fun main() {
            val apiToken = "dop_v1_<<hex 64>>"
            println(apiToken)
        }
        """,
    "go/main.go": """
        package main

        import "fmt"

        func main() {
        \tredisURL := "redis://:<<alnum 24>>@cache.acme.io:6379/0"
        \tpassword := "<<password 20>>"
        \tfmt.Println(redisURL, password)
        }
        """,
    "rust/main.rs": """
        fn main() {
            let password = "<<password 22>>";
            println!("{}", password);
        }
        """,
    "ruby/app.rb": """
        db_password = "<<password 20>>"
        puts db_password
        """,
    "php/app.php": """
        <?php
        $password = '<<alnum 22>>';
        echo $password;
        """,
    "cs/App.cs": """
        class App {
          static void Main() {
            var password = "<<password 22>>";
            System.Console.WriteLine(password);
          }
        }
        """,
    "deploy.sh": """
        #!/usr/bin/env bash
        export NPM_TOKEN="<<checksum npm_ 30>>"
        db_password='<<alnum 24>>'
        echo "$NPM_TOKEN $db_password"
        """,
    "Dockerfile": """
        FROM debian:12
        ENV APP_HOME=/app MAIL_PASSWORD=<<alnum 22>>
        CMD ["/app/run"]
        """,
    "compose.yaml": """
        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD: "<<password 20>>"
          worker:
            image: shop
            environment:
              - BROKER_URL=amqp://shop:<<alnum 20>>@mq.acme.io/shop
        """,
    ".env": """
        # local settings
        DEBUG=1
        QUEUE_PASSWORD=<<alnum 24>>
        SENTRY_AUTH_TOKEN="sntryu_<<hex 64>>"
        APP_KEY=base64:<<base64 43>>=
        """,
    "infra/main.tf": """
        resource "acme_database" "shop" {
          name     = "shop"
          password = "<<password 20>>"
        }
        """,
    "k8s/deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: shop
        spec:
          selector:
            matchLabels: {app: shop}
          template:
            metadata:
              labels: {app: shop}
            spec:
              containers:
                - name: shop
                  image: shop
                  env:
                    - name: WAREHOUSE_URL
                      value: "postgresql://shop:<<alnum 20>>@warehouse.acme.io/shop"
        """,
    "charts/shop/values.yaml": """
        image: shop
        postgresql:
          auth:
            password: <<alnum 22>>
        """,
    ".github/workflows/ci.yml": """
        on: push
        jobs:
          test:
            runs-on: ubuntu-latest
            env:
              DB_PASSWORD: <<alnum 22>>
            steps:
              - run: make test
        """,
    ".gitlab-ci.yml": """
        variables:
          REGISTRY_PASSWORD: "<<password 20>>"
        test:
          script:
            - make test
        """,
    "ansible/site.yml": """
        - hosts: all
          vars:
            mysql_password: "<<password 20>>"
          tasks:
            - name: ping
              ping:
        """,
    "src/main/resources/application.properties": """
        spring.datasource.username=shop
        spring.datasource.password=<<alnum 22>>
        """,
    "src/main/resources/application.yml": """
        spring:
          rabbitmq:
            password: <<alnum 22>>
        """,
    "config.json": """
        {
          "name": "shop",
          "password": "<<alnum 22>>"
        }
        """,
    "settings.ini": """
        [mail]
        user = shop
        password = <<alnum 22>>
        """,
    ".npmrc": "//registry.acme.io/:_authToken=<<checksum npm_ 30>>\n",
    "docs/setup.md": "Call it with `curl -H 'Authorization: token <<checksum ghp_ 30>>'`.\n",
    "keys/deploy_key": "{ssh}",
    "keys/jwt.pem": "{key}",
    "certs/shop.pem": "{certificate}",
}


def plant(folder: Path) -> None:
    """Write the shop into `folder`."""
    for path, template in FILES.items():
        text = expand(textwrap.dedent(template).lstrip("\n"))
        for name, make in (("{key}", private_key), ("{ssh}", ssh_key)):
            text = text.replace(name, make()) if name in text else text
        text = text.replace("{certificate}", certificate()) if "{certificate}" in text else text
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
