"""What the check of print and text says in the report: explanations on the spot, and two chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from groruddalen_stats.config.claims import DEFINED, Verdict
from groruddalen_stats.report.chapters import ChapterBlock, chapter, heading, table, terms, text
from groruddalen_stats.report.grids import AtCell
from groruddalen_stats.report.words import Words

Check = Mapping[str, Any]
AuditRow = Mapping[str, Any]

WRITING_ONLY = 9
"""The ledger's last grade is how the print is written, not what it says: it is left to the chapter."""
_MANY = 12
_OTHER_METHOD = frozenset({"definition_differs", "geography", "rounding", "source_revised"})
_VERDICTS = tuple(Verdict)
_QUIET = frozenset({"holds", "not_checkable"})


@dataclass(frozen=True, slots=True)
class CellsExplained:
    """What the check found in some cells of one object, where, and the number of the finding.

    Attributes:
        other_method: print and cell count differently, which is no error of either.
    """

    places: tuple[AtCell, ...]
    text: str
    number: int
    other_method: bool

    def within(self, places: Collection[AtCell]) -> CellsExplained:
        """Return the same explanation for only those of its cells that are among ``places``."""
        return replace(self, places=tuple(place for place in self.places if place in places))


def explanations(check: Check | None) -> dict[str, list[CellsExplained]]:
    """Return what was found in each object, the most important first."""
    found: dict[str, list[CellsExplained]] = {}
    for number, item in enumerate(check["items"] if check else (), start=1):
        if item["severity"] >= WRITING_ONLY:
            continue
        places: dict[str, list[AtCell]] = {}
        for cell in item["cells"]:
            places.setdefault(cell["object"], []).append((cell["row"], cell["column"]))
        method = item["class"] in _OTHER_METHOD
        for name, where in places.items():
            found.setdefault(name, []).append(CellsExplained(tuple(where), item["reason"], number, method))
    return found


def chapters(check: Check | None, claims: Sequence[AuditRow], words: Words) -> Iterator[dict[str, Any]]:
    """Yield the chapters on the printed numbers and on the text, as far as they have been checked.

    They speak of the report of the print, and have no place in an edition of other years.
    """
    if words.catalogue.is_print and check:
        yield chapter("audit", words("audit_heading"), _audit(check, words))
    if words.catalogue.is_print and claims:
        yield chapter("claims", words("claims_heading"), _claims(claims, words))


def _audit(check: Check, words: Words) -> list[ChapterBlock]:
    blocks = [text(words("audit_lead")), text(check["headline"]), *map(text, check["notes"])]
    for number, item in enumerate(check["items"], start=1):
        numbers = dict.fromkeys(words.label(cell["object"]) for cell in item["cells"])
        blocks.append(heading(f"{number}. {', '.join(numbers)}: {item['class_label']}", f"finding-{number}"))
        blocks.append(text(item["reason"]))
        facts = [(words("audit_cells"), _cells(item["cells"], words)), (words("audit_evidence"), item["evidence"])]
        links = [
            {"text": _name(cell, words), "href": f"#{cell['object']}-{cell['row']}-{cell['column']}"}
            for cell in item["cells"]
        ]
        said = dict.fromkeys(f"{rule['label']} ({rule['strength_label']}): {rule['text']}" for rule in item["found_by"])
        if said:
            facts.append((words("audit_found_by"), " ".join(said)))
        if item["touches"]:
            facts.append((words("audit_touches"), _touches(item["touches"], words)))
        # What a finding rests on is unfolded on the page, where its cells are links as well.
        blocks.append(terms(facts, words("audit_fold"), links))
    blocks.append(heading(words("audit_open")))
    open_questions = [
        f"{words.label(found['cells'][0]['object'])}, {_cells(found['cells'], words)}: {found['text']}"
        for found in check["open_questions"]
    ]
    blocks += [text(said) for said in open_questions or [check["no_open_questions"]]]
    for unknown in check["unknown_values"]:
        blocks += _unknown(unknown, words)
    if check["corroborations"]:
        blocks += _corroborations(check["corroborations"], words)
    return blocks


def _name(cell: AuditRow, words: Words) -> str:
    return f"{words.label(cell['object'])}: {cell['names']['row']}, {cell['names']['column']}"


def _cells(cells: Sequence[AuditRow], words: Words) -> str:
    """Return the cells of a finding by row: with both numbers, or only named where there are many."""
    parts = []
    for row, group in groupby(cells, key=lambda cell: str(cell["names"]["row"])):
        listed = list(group)
        if len(cells) > _MANY:
            parts.append(f"{row} ({', '.join(str(cell['names']['column']) for cell in listed)})")
            continue
        for cell in listed:
            numbers = [words("audit_printed", value=cell["printed"])] if cell["printed"] else []
            numbers += [words("audit_rebuilt", value=cell["rebuilt"])] if cell["rebuilt"] else []
            known = f" ({cell['explanation_label']})" if cell.get("explanation_label") else ""
            parts.append(f"{row}, {cell['names']['column']}: {', '.join(numbers)}{known}")
    return "; ".join(parts) + "."


def _touches(touches: Iterable[AuditRow], words: Words) -> str:
    parts = []
    for touched in touches:
        columns = touched["column_labels"]
        named = f" ({', '.join(columns)})" if len(columns) <= _MANY // 2 else ""
        parts.append(f"{words.label(touched['object'])}, {touched['row_label']}{named}")
    return "; ".join(parts) + "."


def _unknown(unknown: AuditRow, words: Words) -> list[ChapterBlock]:
    columns = [words(f"audit_{key}") for key in ("cell", "print_column", "lowest", "highest")]
    values = [(_name(cell, words), cell["printed"], cell["low"], cell["high"]) for cell in unknown["values"]]
    blocks = [
        heading(words("audit_unknown")),
        text(unknown["note"]),
        *([text(unknown["inference"])] if unknown["inference"] else []),
        table(words("audit_unknown_caption"), columns, values, 3),
    ]
    moved = [
        (
            _name(cell, words),
            cell["printed"] or words("missing"),
            cell["low"],
            cell["high"],
            words("range", low=cell["smallest_change"], high=cell["largest_change"]),
        )
        for cell in unknown["moved"]
    ]
    if moved:
        blocks.append(table(words("audit_moved_caption"), [*columns, words("audit_change")], moved, 4))
    return blocks


def _corroborations(found: Sequence[AuditRow], words: Words) -> list[ChapterBlock]:
    rows = []
    for (said, source), group in groupby(found, key=lambda entry: (str(entry["label"]), str(entry["source"]))):
        listed = list(group)
        support = sum(bool(entry["supports"]) for entry in listed)
        rows.append((said, source, words.count(len(listed)), words.count(support)))
    columns = [words(f"audit_{key}") for key in ("statistic", "independent", "compared", "supports")]
    return [
        heading(words("audit_corroborations")),
        text(words("audit_corroborations_lead")),
        table(words("audit_corroborations"), columns, rows, 2),
    ]


def _claims(claims: Sequence[AuditRow], words: Words) -> list[ChapterBlock]:
    counts = Counter(str(claim["verdict"]) for claim in claims)
    shown = [verdict for verdict in _VERDICTS if counts[verdict]]
    tally = [(words(f"verdict_{verdict}"), words.count(counts[verdict])) for verdict in shown]
    tally.append((words("total"), words.count(len(claims))))
    blocks = [
        text(words("claims_lead")),
        table(words("claims_tally"), [words("claims_verdict"), words("claims_count")], tally, 1),
    ]
    columns = [words(f"claims_{key}") for key in ("place", "statement", "numbers", "note")]
    for verdict in shown:
        if verdict not in _QUIET:
            rows = [_claim(claim, words) for claim in claims if claim["verdict"] == verdict]
            title = words(f"verdict_{verdict}")
            blocks += [heading(title), table(words(f"meaning_{verdict}"), columns, rows)]
    wording = words.catalogue.claims
    said = [wording.wordings[word].text("meaning")[words.language] for word in DEFINED]
    blocks += [heading(words("claims_words")), text(words("claims_words_lead"))]
    blocks += [text(meaning) for meaning in said if ": " not in meaning]
    defined = [meaning.split(": ", 1) for meaning in said if ": " in meaning]
    blocks.append(terms([(term, f"{rest[:1].upper()}{rest[1:]}") for term, rest in defined]))
    left_out = [
        (claim.text("statement")[words.language], claim.text("note")[words.language]) for claim in wording.left_out
    ]
    columns = [words("claims_statement"), words("claims_reason")]
    listed = table(words("claims_left_out"), columns, left_out)
    return [*blocks, heading(words("claims_left_out")), text(words("claims_left_out_lead")), listed]


def _claim(claim: AuditRow, words: Words) -> tuple[str, str, str, str]:
    numbers = [
        words(f"claims_{side}", value=str(claim[side])) for side in ("stated", "printed", "rebuilt") if claim[side]
    ]
    return (str(claim["place"]), str(claim[f"statement_{words.language}"]), "; ".join(numbers), str(claim["note"]))
