import json
from pathlib import Path

import built
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def make():
    """Builders of valid values; each takes changes by name."""
    return built


@pytest.fixture(scope="session")
def report_schema():
    return json.loads((ROOT / "docs" / "report.schema.json").read_bytes())


@pytest.fixture(scope="session")
def sarif_schema():
    return json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_bytes())
