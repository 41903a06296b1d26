from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from groruddalen_stats import schema
from groruddalen_stats.cli import main
from groruddalen_stats.strictyaml import read_yaml
from workbench import PROJECT, catalogue

CONFIG = PROJECT / "config"
README = (CONFIG / "README.md").read_text(encoding="utf-8")
HEADINGS = {
    "edition": "editions",
    "area": "areas",
    "sidecar": "sidecars",
    "source": "sources.yaml",
    "object": "appendix.yaml",
}


def files() -> list[tuple[str, Path]]:
    """Return every YAML file of the project with the name of its schema."""
    named = [(path.stem, path) for folder in (CONFIG, CONFIG / "ledger") for path in sorted(folder.glob("*.yaml"))]
    for name, folder in (("edition", "editions"), ("area", "areas"), ("source", "sources"), ("object", "objects")):
        named += [(name, path) for path in sorted((CONFIG / folder).glob("*.yaml"))]
    return named + [("sidecar", path) for path in sorted((PROJECT / "data" / "raw").rglob("*.meta.yaml"))]


def keys() -> Iterator[tuple[str, str, str]]:
    """Yield every key of every file, with the name of its schema and of the model that has it."""
    for name in schema.MODELS:
        made = schema.schema(name)
        for model, part in {name: made, **made.get("$defs", {})}.items():
            yield from ((name, model, key) for key in part.get("properties", ()))


def section(name: str) -> str:
    heading = HEADINGS.get(name, f"{name}.yaml")
    match = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match, heading
    return match.group(1)


def test_every_key_of_every_file_is_documented_in_its_section() -> None:
    general = README.partition("\n## ")[0]
    undocumented = [
        f"{name}: {model}.{key}"
        for name, model, key in keys()
        if not re.search(rf"`{re.escape(key)}`|\b{re.escape(key)}: \.\.\.", section(name))
        and not (model == "Text" and f"{key}: ..." in general)
    ]
    assert undocumented == []


def test_every_topic_that_is_documented_exists() -> None:
    listed = section("edition").partition("The topics of `years`")[2].partition("Which day")[0]
    named = re.findall(r"`([a-z_]+)`", listed)
    assert len(named) > 15
    assert set(named) <= set(catalogue().print_edition.years)


def test_every_yaml_file_has_a_model_and_a_line_in_the_overview() -> None:
    assert {name for name, _ in files()} == set(schema.MODELS)
    for name in schema.MODELS:
        heading = HEADINGS.get(name, f"{name}.yaml")
        assert f"(#{heading.replace('.', '')})" in README


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema.schema(name))


def plain(data: Any) -> Any:
    """Return YAML as JSON has it: dates are text, keys are text."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data.isoformat() if isinstance(data, dt.date) else data


@pytest.mark.parametrize(("name", "path"), files(), ids=lambda value: value if isinstance(value, str) else value.name)
def test_every_file_keeps_its_schema(name: str, path: Path) -> None:
    assert [error.message for error in validator(name).iter_errors(plain(read_yaml(path)))] == []


def test_a_wrong_key_and_a_wrong_value_break_the_schema() -> None:
    assert validator("config").is_valid({"edition": "2011"})
    for wrong in ({"langauge": "nb"}, {"language": "no"}, {"years": {"disability": "2015 or so"}}):
        assert not validator("config").is_valid({"edition": "2011", **wrong})


def test_the_command_writes_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["schema"]) == 0
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in schema.FOLDER.iterdir()}
    assert written == {name: schema.schema(name) for name in schema.MODELS}


def test_links_in_the_documentation_lead_somewhere() -> None:
    for page in (PROJECT / "README.md", CONFIG / "README.md", PROJECT / "docs" / "changing-years.md"):
        for target in re.findall(r"\]\(([^)#][^)]*?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_a_line_of_config_fits_a_window() -> None:
    found = sorted(CONFIG.rglob("*.yaml"))
    assert len(found) > 100
    for path in found:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= 120, f"{path}:{number}"
