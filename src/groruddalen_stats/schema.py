"""Turns the configuration models into JSON Schema, so that editors complete and check the YAML files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from groruddalen_stats.config.claims import ClaimWords
from groruddalen_stats.config.compare import CompareFile
from groruddalen_stats.config.deviations import LedgerEntries, LedgerTexts
from groruddalen_stats.config.identities import Identities
from groruddalen_stats.config.models import Appendix, Edition, Indicators, Labels, Run, Sidecar, Sources
from groruddalen_stats.paths import write_text
from groruddalen_stats.regions.models import RegionsFile

FOLDER = Path(__file__).parent / "config" / "schemas"

#: The model of every YAML file, by the name of its schema.
MODELS: dict[str, type[BaseModel]] = {
    "config": Run,
    "edition": Edition,
    "sources": Sources,
    "regions": RegionsFile,
    "indicators": Indicators,
    "appendix": Appendix,
    "labels": Labels,
    "compare": CompareFile,
    "entries": LedgerEntries,
    "texts": LedgerTexts,
    "claims-words": ClaimWords,
    "identities": Identities,
    "sidecar": Sidecar,
}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one YAML file, a key of :data:`MODELS`."""
    made = MODELS[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def text(name: str) -> str:
    """Return a schema as it is shipped: UTF-8 JSON that ends with a line break."""
    return json.dumps(schema(name), ensure_ascii=False, indent=1) + "\n"


def write(folder: Path = FOLDER) -> list[Path]:
    """Write every schema; return those that changed.

    Args:
        folder: where to; by default where the package ships them.
    """
    changed = []
    for name in MODELS:
        path = folder / f"{name}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text(name):
            write_text(path, text(name))
            changed.append(path)
    return changed
