from __future__ import annotations

import re
from pathlib import Path

# Lowest first; a module imports from its own floor and from those below it.
FLOORS = (
    {"ages", "errors", "kept", "numbers", "paths", "runs", "strictjson"},
    {"config"},
    {"raw"},
    {"pxtable"},
    {"regions"},
    {"catalogue"},
    {"tidy"},
    {"indicators"},
    {"appendix"},
    {"live"},
    {"figures"},
    {"check"},
    {"report"},
    {"compare"},
    {"readme", "schema", "stages", "validation", "workflow"},
    {"cli"},
)
IMPORT = re.compile(r"^\s*from groruddalen_stats(?:\.(\w+)[\w.]*)? import (.+)$", re.MULTILINE)


def floor(name: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if name in names)


def test_every_module_imports_only_from_its_floor_and_below(root: Path) -> None:
    package = root / "src" / "groruddalen_stats"
    seen = 0
    for path in sorted(package.rglob("*.py")):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for match in IMPORT.finditer(path.read_text(encoding="utf-8")):
            names = [match.group(1)] if match.group(1) else re.findall(r"\w+", match.group(2).split("#")[0])
            for name in names:
                if name in {"as", "catalogues"}:
                    continue
                seen += 1
                assert floor(name) <= floor(own), f"{path.relative_to(package)} imports {name}"
    assert seen > 200
