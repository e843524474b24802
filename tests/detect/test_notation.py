"""What is assigned to a name is read in the notations of many languages and formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.assignment import Style, read
from scanner.detect.generic import candidates
from scanner.detect.names import name_at
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import samples

RULE = Rule(
    "generic", "generic", "generic", "password", "generic", Severity.HIGH, Confidence.MEDIUM,
    "assignment", ("password",), "", 0, (), 0.0, "",
)  # fmt: skip
VALUE = samples.expand("<<>>Tr0<<alnum 11>>")

NOTATIONS = {
    "Python": 'password = "{}"',
    "Python, typed": 'db_password: Optional[str] = "{}"',
    "Python, keyword argument": "connect(host, password='{}', port=1)",
    "Python, bytes": "PASSWORD = b'{}'",
    "Python, default": 'os.environ.get("DB_PASSWORD", "{}")',
    "Python, alternative": 'os.environ.get("DB_PASSWORD") or "{}"',
    "Python, comparison": 'if password == "{}":',
    "JavaScript": "const dbPassword = '{}';",
    "JavaScript, object": "{{ user: 'me', password: `{}` }}",
    "JavaScript, alternative": "const p = process.env.DB_PASSWORD || '{}'",
    "JavaScript, coalescing": "const p = process.env.DB_PASSWORD ?? '{}'",
    "TypeScript": "private password: string = '{}';",
    "Java": 'private static final String DB_PASSWORD = "{}";',
    "Java, characters": 'char[] password = "{}".toCharArray();',
    "Java, builder": 'Config.builder().withPassword("{}").build();',
    "Java, setter": 'source.setPassword("{}");',
    "Java, properties": 'props.put("db.password", "{}");',
    "Java, value object": 'final StringValue password = new StringValue("{}");',
    "Java, annotation": '@Account(user = "me", password = "{}")',
    "Java, comparison": 'if (password.equals("{}")) {{',
    "Spring": "password: ${{DB_PASSWORD:{}}}",
    "Kotlin": 'val password: String? = "{}"',
    "Scala": 'val password = Some("{}")',
    "Go": 'password := "{}"',
    "Go, struct": '\tPassword: "{}",',
    "Go, map": 'm := map[string]string{{"password": "{}"}}',
    "Go, environment": 'os.Setenv("DB_PASSWORD", "{}")',
    "Go, bytes": 'password := []byte("{}")',
    "Rust": 'let password: &\'static str = "{}";',
    "Rust, owned": 'let password = String::from("{}");',
    "Go, decoded": 'password, _ := hex.DecodeString("{}")',
    "Go, list": 'Password: []string{{"{}"}},',
    "Python, decoded": 'password = base64.b64decode(b"{}")',
    "Python, hex": 'password = bytes.fromhex("{}")',
    "JavaScript, buffer": "const password = Buffer.from('{}', 'utf8')",
    "Java, decoder": 'byte[] password = Base64.getDecoder().decode("{}");',
    "Java, bytes": 'byte[] password = "{}".getBytes(UTF_8);',
    "sed": "sed -i '/x/a\\DB_PASSWORD={}' app.conf",
    "C": 'static const char password[] = "{}";',
    "C, macro": '#define DB_PASSWORD "{}"',
    "C, copy": 'strncpy(cfg->password, "{}", 32);',
    "C++": 'std::string password{{"{}"}};',
    "C#": 'public string Password {{ get; set; }} = "{}";',
    "C#, verbatim": 'Password = @"{}",',
    "C#, pair": 'new KeyValuePair<string, string>("password", "{}")',
    "PHP": "$password = '{}';",
    "PHP, array": "'password' => '{}',",
    "PHP, constant": "define('DB_PASSWORD', '{}');",
    "PHP, index": "$config['db']['password'] = '{}';",
    "Ruby": ":password => '{}',",
    "Ruby, keyword": 'User.create!(name: "me", password: "{}")',
    "Ruby, default": "ENV.fetch('DB_PASSWORD', '{}')",
    "Perl": "my %h = (password => '{}');",
    "Swift": 'let password: String = "{}"',
    "Objective-C": 'NSString *password = @"{}";',
    "Lua": 'local password = "{}"',
    "Gradle": "    keyPassword '{}'",
    "shell": "export DB_PASSWORD='{}'",
    "shell, unquoted": "DB_PASSWORD={}",
    "shell, default": 'p=${{DB_PASSWORD:-"{}"}}',
    "shell, before a command": "DB_PASSWORD={} ./run --fast",
    "PowerShell": '$password = "{}"',
    "PowerShell, parameter": 'Connect-It -User me -Password "{}"',
    "PowerShell, comparison": 'if ($password -eq "{}") {{',
    "SQL": "SET PASSWORD = '{}'",
    "YAML": "password: {}",
    "YAML, flow": "db: {{user: me, password: {}}}",
    "YAML, list": "  - password: {} # of the database",
    "JSON": '"password": "{}"',
    "JSON, escaped": '"{{\\"password\\": \\"{}\\"}}"',
    "JSON, pair": '{{"name": "DB_PASSWORD", "value": "{}"}}',
    "TOML": "password = '{}'",
    "INI": "password={}",
    "properties": "spring.datasource.password={}",
    "XML": "<password>{}</password>",
    "XML, CDATA": "<password><![CDATA[{}]]></password>",
    "XML, attribute": '<user name="me" password="{}"/>',
    "XML, entry": '<entry key="db.password">{}</entry>',
    "XML, settings": '<add key="Password" value="{}"/>',
    "HTML": '<input name="password" value="{}">',
    "HCL": 'password = "{}"',
    "Dockerfile": "ENV DB_PASSWORD {}",
    "Dockerfile, pairs": "ARG DB_PASSWORD={}",
    "HTTP form": "user=me&password={}&remember=1",
    "URL": "https://acme.io/login?password={}#top",
    "curl": "curl -d 'password={}' https://acme.io",
    "docker": "docker run -e DB_PASSWORD={} acme/app",
    "Java option": "-Djavax.net.ssl.trustStorePassword={} \\",
    "log": "2024-01-01 login user=me password={}, ok",
    "escaped lines": 'text = "user=me\\npassword={}\\nport=1"',
    "Markdown": "- **Password**: `{}`",
    "Markdown, bold value": "Password: **{}**",
    "Markdown, table": "| password | {} |",
    "prose": 'The default password is "{}".',
}


def candidates_in(text):
    data = text if isinstance(text, bytes) else text.encode()
    places = [at for at in range(len(data)) if data[at : at + 8].lower() == b"password"]
    found = {c.start: c for at in places for c in candidates(data, at, at + 8, RULE)}
    return list(found.values())


@pytest.mark.parametrize("language", NOTATIONS)
def test_notations(language):
    (found,) = candidates_in(NOTATIONS[language].format(VALUE))
    assert found.secret.decode() == VALUE
    assert found.confidence >= Confidence.MEDIUM


@pytest.mark.parametrize(
    "template",
    [
        "hashPassword('password', '{}')",
        "t.equal('password', '{}')",
        'assertEquals("password", "{}");',
        'decryptPassword("{}")',
        '["password", "{}"]',
        '"AWS::Account::Password": "{}"',
        'password = read_secret("{}")',
        'password = decrypt("{}")',
        'password = "{}" + suffix',
        '<x-input v-model="password" :rule="{}">',
        "--volume /etc/passwd:/{}:ro",
        "raise Error, 'wrong password ' + '{}'",
        "$(PASSWORD)/{}",
        "echo password | {}",
        "x.password != {}",
    ],
)
def test_what_assigns_nothing(template):
    text = template.format(VALUE).replace("passwd", "password")
    found = [c for c in candidates_in(text) if c.confidence >= Confidence.MEDIUM]
    assert found == []


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ('password = "abc"', Style.QUOTED),
        ("password: abc", Style.CONFIGURED),
        ("export PASSWORD=abc", Style.CONFIGURED),
        ("password = abc", Style.CONFIGURED),
        ("password = myValue", Style.BARE),
        ("x.password = abc;", Style.BARE),
        ("f(password=abc, b)", Style.BARE),
    ],
)
def test_how_surely_a_value_is_meant_literally(text, style):
    data = text.encode()
    at = data.lower().index(b"password")
    assert read(data, *name_at(data, at, at + 8)).style is style


LINES = st.one_of(
    st.sampled_from([text.format(VALUE) for text in NOTATIONS.values()]),
    st.text(alphabet="password=:'\"` {}()[],&?<>|\\n$-. \t\r", max_size=60),
)


@given(LINES, st.binary(max_size=80), st.binary(max_size=80))
def test_no_other_line_matters(line, before, after):
    """Lines are remembered, so what is said of one must not depend on its neighbours."""
    line = line.encode() + b" password='" + b"x1y2z3-a'"
    alone = list(candidates(line, at := line.lower().index(b"password"), at + 8, RULE))
    data = before.lower().replace(b"password", b"") + b"\n" + line + b"\n" + after
    shift = len(data) - len(line + b"\n" + after)
    at = data.lower().index(b"password", shift)
    within = list(candidates(data, at, at + 8, RULE))
    moved = [c._replace(start=c.start + shift, end=c.end + shift) for c in alone]
    assert within == moved


@given(st.binary(max_size=60), st.binary(max_size=400))
def test_any_bytes_can_be_read(before, after):
    data = before + b"password" + after
    for found in candidates(data, len(before), len(before) + 8, RULE):
        assert 0 <= found.start < found.end <= len(data)
