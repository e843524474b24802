"""Formats that no reference can be expected in, by name."""

from scanner.remediate.rewrite.config import (
    plain_ini,
    plain_json,
    plain_toml,
    plain_xml,
    plain_yaml,
    properties_file,
)
from scanner.remediate.rewrite.config.field import Fields
from scanner.remediate.rewrite.edit import Language
from scanner.remediate.rewrite.plain_text import Text

LANGUAGES: dict[str, Language] = {
    "json": plain_json.LANGUAGE,
    "xml": plain_xml.LANGUAGE,
    "ini": plain_ini.LANGUAGE,
    "toml": plain_toml.LANGUAGE,
    "properties": Fields("properties", properties_file.find, properties_file.problem),
    "yaml": plain_yaml.LANGUAGE,
    "markup": Text("markup"),
    "text": Text("text"),
}
