"""The notations in which a provider's name gives a credential."""

import re

import pytest

from scanner.rulepack import macros, samples

PATTERN = re.compile(macros.expand(r"(?i:acme){{given}}(?P<secret>[0-9a-f]{32}){{right}}").encode())
VALUE = samples.expand("<<hex 32>>")


@pytest.mark.parametrize(
    "text",
    [
        "ACME_API_KEY=%s",
        '"acmeApiKey": "%s"',
        "acme SECRET %s",
        "acme   PRIVATE    KEY  :  %s",
        "acme = '%s'",
        "<acme>%s</acme>",
        "acme.Client('%s')",
        'AcmeClient(api_key="%s")',
        "acmeClient({ apiKey: '%s' })",
        "'acme' => ['key' => '%s'],",
        "acme: { apiKey: '%s' }",
        "acme.com/v1/search?q=tea&access_key=%s&page=2",
        "acme-access-token-%s",
        "acme api key is %s",
    ],
)
def test_notation_gives_the_value(text):
    match = PATTERN.search((text % VALUE).encode())
    assert match is not None
    assert match["secret"] == VALUE.encode()


@pytest.mark.parametrize(
    "text",
    [
        "acme_upload_md5: %s",
        "acme %s",
        "acme, %s",
        "acme.com/%s?page=2",
        "acme.com/search?page=%s",
        "acme.find(%s)",
        "acme: { commit: '%s' }",
    ],
)
def test_other_hex_beside_the_name_is_left_alone(text):
    assert PATTERN.search((text % VALUE).encode()) is None
