"""The JSON Schema of each YAML file, for editors that complete and check what is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from groruddalen_stats.config.identities import Identities
from groruddalen_stats.config.models import Appendix, Area, Edition, Formulas, Object, Run, Sidecar, Source, Sources
from groruddalen_stats.config.site import Site
from groruddalen_stats.paths import write_text
from groruddalen_stats.regions.models import RegionsFile

FOLDER = Path("config/.schemas")

#: The model of every YAML file, by the name of its schema.
MODELS: dict[str, type[BaseModel]] = {
    "config": Run,
    "edition": Edition,
    "area": Area,
    "site": Site,
    "sources": Sources,
    "source": Source,
    "regions": RegionsFile,
    "indicators": Formulas,
    "appendix": Appendix,
    "object": Object,
    "identities": Identities,
    "sidecar": Sidecar,
}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one YAML file, a key of :data:`MODELS`."""
    made = MODELS[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write every schema into a folder that git does not keep; return the files."""
    written = []
    for name in MODELS:
        written.append(folder / f"{name}.json")
        write_text(written[-1], json.dumps(schema(name), ensure_ascii=False, indent=1) + "\n")
    return written
