"""The walk of docs/how-it-works.md: one number from its raw line to the page, in five stops."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import workbench
from groruddalen_stats.appendix import compute, find, model, text
from groruddalen_stats.appendix.model import Basis, Cell, Observation, Origin, Value
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.check.compare import compare, place_of
from groruddalen_stats.config.models import Place
from workbench import PROJECT

PAGE = " ".join((PROJECT / "docs" / "how-it-works.md").read_text(encoding="utf-8").split())
PLACE = Place("tabell_07", "bjerke", "recipients")


def test_one_number_goes_from_its_raw_line_to_the_page_in_five_stops() -> None:
    made = workbench.compute(edition="2011", language="nb")
    # 1. A line of a raw file.
    path, line = re.findall(r"`data/raw/(\S+?\.csv)` has it on line (\d+)", PAGE)[0]
    raw = (PROJECT / "data" / "raw" / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert f"`{raw}`" in PAGE
    printed = raw.rpartition(",")[2]
    # 2. An Observation, straight from that line.
    (cell,) = (cell for cell in made.cells(PLACE.object) if cell.place == PLACE)
    (term,) = terms_of(cell.spec, made.catalogue.indicators).numerator
    (seen,) = made.find.among.by_region("oslo_sto013", path, term.series, str(term.year))[term.region]
    assert isinstance(seen, Observation)
    assert (seen.number, seen.origin.first) == (float(printed), int(line))
    # 3. A Value: the first source that has all of it.
    value = made.find(term)
    assert isinstance(value, Value)
    assert (value.number, value.basis, value.sources) == (seen.number, Basis.SOURCE, ("oslo_sto013",))
    assert value.origins == (seen.origin,) == (Origin(path, int(line), int(line), 1, seen.origin.column),)
    # 4. A Cell, with what it is and no words.
    assert isinstance(cell, Cell)
    assert (cell.number, cell.spec.year, cell.parts) == (value.number, term.year, (value,))
    # 5. A verdict, beside the printed number.
    (verdict,) = (
        row for row in compare(workbench.printed(), made.cells()).to_dict("records") if place_of(row) == PLACE
    )
    assert (verdict["published"], verdict["result"], verdict["basis"]) == (printed, "exact", "source")
    # And only now is it written.
    words = made.catalogue.labels.words
    assert text.shown(cell, words, "nb").replace("\N{NARROW NO-BREAK SPACE}", "") == printed
    assert text.inputs_text(cell) == f"{path}#L{line}:{seen.origin.column}"


def test_the_walk_names_what_the_code_has() -> None:
    for module, name in ((find, "Find"), (find, "Observations"), (compute, "Compute")):
        assert f"`{name}`" in PAGE
        assert hasattr(module, name)
    for name in ("Observation", "Origin", "Value", "Missing", "Cell"):
        assert f"`{name}`" in PAGE
        assert hasattr(model, name)
    package = PROJECT / "src" / "groruddalen_stats"
    for named in set(re.findall(r"`((?:appendix|tidy|check)/\w+\.py)`", PAGE)):
        assert (package / Path(named)).is_file(), named


def test_the_name_of_a_type_means_one_thing() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (PROJECT / "src").rglob("*.py")]
    named = Counter(name for text in sources for name in re.findall(r"^class (\w+)", text, re.MULTILINE))
    assert len(named) > 100
    assert [name for name, times in named.items() if times > 1 and not name.startswith("_")] == []
