"""What a reader is told of one compared object: plain sentences that say what its numbers say, and no more."""

from __future__ import annotations

from groruddalen_stats.appendix.model import Basis
from groruddalen_stats.compare.sides import AREA, Compared, ComparedLine, series_breaks
from groruddalen_stats.compare.words import CompareWords

MAIN = (AREA, "oslo")


def main_lines(compared: Compared) -> list[ComparedLine]:
    """Return the comparable lines that the sentences speak of: one column, all its rows.

    A time series is told by its last year. Of other columns the one that moved most is told, by the first of
    Groruddalen, Oslo or any row that can be compared.
    """
    lines = compared.comparable()
    if not lines:
        return []
    last = [line for line in lines if line.role.id == "last"]
    if last:
        return last
    main = _main(lines)
    same = [line for line in lines if line.row.id == main.row.id and line.step.unit == main.step.unit]
    told = max(same, key=lambda line: abs(line.step.value))
    return [line for line in lines if line.role.id == told.role.id]


def sentences(compared: Compared, words: CompareWords) -> list[str]:
    """Return the sentences of one object."""
    if compared.spec.chart is not None and compared.spec.chart.kind == "map":
        return _parts(compared, words)
    lines = main_lines(compared)
    if not lines:
        return [words("cannot", why=_why(compared, words))]
    main = _main(lines)
    broken = [words.catalogue.labels.notes[note][words.language] for note in series_breaks(*main.ends, words.catalogue)]
    alike = [line for line in compared.comparable() if line.row is main.row and line.step.unit == main.step.unit]
    oslo = next((line for line in lines if line.row.id == "oslo" and line is not main), None)
    said = [*broken, *([words("as_they_stand")] if broken else []), _moved(main, words)]
    if len(alike) > 1 and main.role.id != "last" and not broken:
        said.append(words("most", region=words.region(main)))
    if not broken:
        said.extend(_districts(lines, words))
    if oslo is not None:
        said.append(words("other", region=words.region(oslo), change=words.change(oslo.step)))
    # Who rose most and who changed places is not said across a break: the break moves districts differently.
    if not broken:
        said.extend(_order(compared, main.role.id, words))
    said.extend(_bases(main, words))
    return said


def _main(lines: list[ComparedLine]) -> ComparedLine:
    return next((line for name in MAIN for line in lines if line.row.id == name), lines[0])


def _moved(line: ComparedLine, words: CompareWords) -> str:
    before, after = line.ends
    moved = line.step.rounded
    return words(
        "rose" if moved > 0 else "fell" if moved < 0 else "stayed",
        label=words.label(line),
        region=words.region(line),
        before=words.value(before),
        first=before.cell.spec.year,
        after=words.value(after),
        last=after.cell.spec.year,
        change=words.change(line.step),
    )


def _districts(lines: list[ComparedLine], words: CompareWords) -> list[str]:
    members = words.catalogue.regions.members(AREA)
    districts = [line for line in lines if line.region in members]
    if len(districts) < len(members):
        return []
    rising = sorted(districts, key=lambda line: line.step.value)
    least, most = rising[0], rising[-1]
    if least.step.rounded == most.step.rounded:
        return []
    if least.step.rounded >= 0:
        key = "all_rose"
    elif most.step.rounded <= 0:
        key, most, least = "all_fell", least, most
    else:
        key = "mixed"
    return [
        words(
            key,
            most=words.region(most),
            most_change=words.change(most.step),
            least=words.region(least),
            least_change=words.change(least.step),
        )
    ]


def _order(compared: Compared, role: str, words: CompareWords) -> list[str]:
    ranked = [line for line in compared.lines.values() if line.role.id == role and line.places]
    if not ranked or any(line.step.why or None in line.places for line in ranked):
        return []
    moves = [
        words("move", region=words.region(line), before=str(line.places[0]), after=str(line.places[-1]))
        for line in ranked
        if line.places[0] != line.places[-1]
    ]
    return [words("new_order", moves=words.joined(moves)) if moves else words("same_order")]


def _bases(line: ComparedLine, words: CompareWords) -> list[str]:
    before, after = line.ends
    if before.cell.basis == after.cell.basis:
        return []
    known = words.catalogue.labels.words
    first, last = (known[f"legend_{side.cell.basis}"][words.language] for side in (before, after))
    return [words("bases", first=before.cell.spec.year, before=first, last=after.cell.spec.year, after=last)]


def _parts(compared: Compared, words: CompareWords) -> list[str]:
    first, last = compared.layouts[0], compared.layouts[-1]
    before = {item.id: item.label[words.language] for item in first.rows}
    after = {item.id: item.label[words.language] for item in last.rows}
    years = [str(next(iter(plan.cells.values())).year) for plan in (first, last)]
    if before.keys() == after.keys():
        return [words("same_parts", count=len(after), first=years[0], last=years[1])]
    said = [words("new_parts", before=len(before), after=len(after), first=years[0], last=years[1])]
    for year, here, there in ((years[0], before, after), (years[1], after, before)):
        only = [name for key, name in here.items() if key not in there]
        if only:
            said.append(words("parts_only", year=year, names=words.joined(only)))
    return said


def _why(compared: Compared, words: CompareWords) -> str:
    reasons = {line.step.why for line in compared.lines.values()} - {None, "missing"}
    if reasons:
        order = ("base", "borders", "approximate", "zero")
        return words.joined([words(f"sign_{why}") for why in order if why in reasons])
    empty = [
        words("edition", name=edition)
        for at, edition in enumerate(compared.editions)
        if not any((side := line.sides[at]) and side.cell.basis != Basis.MISSING for line in compared.lines.values())
    ]
    return words("cannot_missing", editions=words.joined(empty)) if empty else words("cannot_part")
