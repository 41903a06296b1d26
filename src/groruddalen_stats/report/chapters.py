"""The chapters on methods, words, regions, sources, licences and how to make the report again, as plain blocks."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Sidecar, Source, text_in
from groruddalen_stats.report.formulas import series_of
from groruddalen_stats.report.words import Words

ChapterBlock = dict[str, Any]

_PROSE = "prose"


def chapter(identity: str, title: str, blocks: Sequence[ChapterBlock]) -> dict[str, Any]:
    """Return a chapter: its anchor, its title and its blocks."""
    return {"id": identity, "title": title, "blocks": list(blocks)}


def text(words: str) -> ChapterBlock:
    """Return a paragraph."""
    return {"kind": "text", "text": words}


def heading(words: str, identity: str = "") -> ChapterBlock:
    """Return a heading inside a chapter, with an anchor if one is given."""
    return {"kind": "heading", "text": words, "id": identity}


def terms(items: Sequence[tuple[str, ...]], fold: str = "", links: Sequence[Mapping[str, str]] = ()) -> ChapterBlock:
    """Return a list of terms, each with its explanation and perhaps an address, and ``links`` elsewhere on the page.

    ``fold`` is what is said where the page unfolds them.
    """
    listed = [{"term": term, "text": said, "href": "".join(address)} for term, said, *address in items]
    return {"kind": "terms", "fold": fold, "links": list(links), "items": listed}


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> ChapterBlock:
    """Return a table of strings whose last ``numbers`` columns are numbers; the first column names the row."""
    # How much room a column of words wants beside the others: that of its average text, within reason.
    lengths = [sum(len(row[index]) for row in rows) // max(len(rows), 1) for index in range(len(columns))]
    return {
        "kind": "table",
        "caption": caption,
        "columns": [
            {"label": label, "number": index >= len(columns) - numbers, "weight": min(max(lengths[index], 12), 45)}
            for index, label in enumerate(columns)
        ],
        "rows": [list(row) for row in rows],
    }


def methods(words: Words) -> dict[str, Any]:
    """Return how numerators, denominators and their dates go together."""
    keys = ("methods_lead", "methods_rule", "methods_households", "methods_kostra", "methods_one_value")
    columns = [words("series_name"), words("series_date"), words("series_sources")]
    known = table(words("series_caption"), columns, series_of(words))
    return chapter("methods", words("methods_heading"), [*(text(words(key)) for key in keys), known])


def definitions(words: Words) -> dict[str, Any]:
    """Return what the appendix means by its words."""
    catalogue = words.catalogue
    entries = [catalogue.text(text).split(": ", 1) for text in catalogue.labels.definitions.values()]
    items = [(term, said[:1].upper() + said[1:]) for term, said in entries]
    return chapter("definitions", words("definitions_heading"), [terms(items)])


def regions(words: Words) -> Iterator[dict[str, Any]]:
    """Yield the chapter on what each group of municipalities and each area of Oslo consists of, if there is any to tell."""
    known = words.catalogue.regions
    area, merged = words.catalogue.area, _merged_parts(words)
    if not (words.catalogue.is_print_area or area.together or merged):
        return
    own = {*area.of("together"), *area.comparisons, *area.of("compared")}
    groups = [key for key in known.groups() if words.catalogue.is_print_area or key in own]
    of_oslo = [key for key in groups if not any(m in groups or m in known.municipalities for m in known.members(key))]
    lead = "regions_lead" if words.catalogue.is_print_area else "regions_lead_area" if own else ""
    blocks: list[ChapterBlock] = [text(words(lead))] if lead else []
    for title, keys in (
        (words("regions_municipal"), [key for key in groups if key not in of_oslo]),
        (words("regions_oslo"), of_oslo),
    ):
        items = [(known.name(key, words.language), f"{known.definition(key, words.language)}.") for key in keys]
        blocks += [heading(title), terms(items)] if items else []
    if area.together and area.together not in known.groups():
        # A county is no group: what it has today is what the page shows.
        parts = words.listed([known.name(part, words.language) for part in area.parts])
        blocks.append(terms([(known.name(area.together, words.language), f"{parts}.")]))
    if merged:
        blocks += [heading(words("regions_merged")), text(words("regions_merged_lead")), terms(merged)]
    yield chapter("regions", words("regions_heading"), blocks)


def _merged_parts(words: Words) -> list[tuple[str, str]]:
    """Return the municipalities of an area that were several in the first year of its series, and which."""
    catalogue = words.catalogue
    known, year = catalogue.regions, catalogue.edition.year("population", "first")
    merged = []
    for part in () if catalogue.is_print_area else catalogue.area.parts:
        then = known.as_municipalities(part, dt.date(year, 1, 1), catalogue.day)
        if part in known.municipalities and len(then) > 1:
            names = words.listed([known.name(unit, words.language) for unit in then])
            merged.append((known.name(part, words.language), words("regions_made_of", year=f"{year}", places=names)))
    return merged


def sources(words: Words, of_objects: Mapping[str, Sequence[Cell]], sidecars: Mapping[str, Sidecar]) -> dict[str, Any]:
    """Return where the numbers come from: every source that some cell was computed from, and the report itself."""
    catalogue = words.catalogue
    blocks: list[ChapterBlock] = [text(words("sources_lead"))]
    # A source has files of other places too, and what is said of those is nothing to another area's page.
    told = sidecars if catalogue.is_print_area else set().union(*map(_snapshots, of_objects.values()))
    for key, objects in _used(words, of_objects).items():
        source = catalogue.sources.sources[key]
        listed = [sidecars[path] for path in source.paths(key) if path in sidecars and path in told]
        blocks.append(heading(source.title[words.language], f"source-{key.replace('_', '-')}"))
        blocks.append(_facts(words, source, text_in(source.table, words.language), listed, objects))
    if served := _printed_in(of_objects):
        listed = [sidecars[path] for name in served if (path := f"published/{name}.csv") in sidecars]
        tables = [words("running_text") if name == _PROSE else words.label(name) for name in sorted(served)]
        source = next(s for s in catalogue.sources.sources.values() if s.kind != "independent")
        objects = [name for name in of_objects if any(name in names for names in served.values())]
        blocks.append(heading(words("print_title"), "source-print"))
        blocks.append(_facts(words, source, words.listed(tables), listed, objects))
    return chapter("sources", words("sources_heading"), blocks)


def _snapshots(cells: Iterable[Cell]) -> dict[str, None]:
    """Return the raw files that cells were computed from."""
    return dict.fromkeys(origin.snapshot for cell in cells for part in cell.parts for origin in part.origins)


def _used(words: Words, of_objects: Mapping[str, Sequence[Cell]]) -> dict[str, list[str]]:
    """Return the objects that each independent source serves, in the order of config/sources.yaml."""
    known = words.catalogue.sources
    served: dict[str, list[str]] = {}
    for name, cells in of_objects.items():
        for key in sources_of(cells, known):
            served.setdefault(key, []).append(name)
    return {key: served[key] for key, one in known.sources.items() if key in served and one.kind == "independent"}


def _printed_in(of_objects: Mapping[str, Sequence[Cell]]) -> dict[str, list[str]]:
    """Return the objects that each printed table, or the running text, serves."""
    files = {f"published/{name}.csv": name for name in (*of_objects, _PROSE)}
    served: dict[str, list[str]] = {}
    for name, cells in of_objects.items():
        for table in (files[path] for path in _snapshots(cells) if path in files):
            served.setdefault(table, []).append(name)
    return served


def _facts(
    words: Words, source: Source, tables: str, sidecars: Sequence[Sidecar], objects: Sequence[str]
) -> ChapterBlock:
    catalogue = words.catalogue
    publisher = catalogue.sources.publishers[source.publisher]
    licence = catalogue.sources.licences[source.licence]
    credit = source.credit or publisher.credit or publisher.name
    facts: list[tuple[str, ...]] = [
        ("publisher", publisher.name[words.language], publisher.url),
        ("table", tables, source.url),
    ]
    if source.kind == "independent":
        facts.append(("reference", words(f"reference_{source.reference}")))
    facts += [("obtained", said) for said in dict.fromkeys(obtained(words, one) for one in sidecars)]
    if source.caveat:
        facts.append(("caveat", catalogue.text(catalogue.labels.notes[source.caveat])))
    facts += [
        ("licence", text_in(licence.name, words.language), licence.url),
        ("attribution", f"{words('source')}: {credit[words.language]}"),
        ("objects", ", ".join(words.label(name) for name in objects)),
    ]
    return terms([(words(f"source_{key}"), *said) for key, *said in facts])


def obtained(words: Words, sidecar: Sidecar) -> str:
    """Return how a raw file was obtained."""
    if sidecar.fetched is not None:
        return words("source_fetched", moment=sidecar.fetched.moment, url=sidecar.fetched.url)
    return text_in(sidecar.obtained or "", words.language)


def licences(words: Words, of_objects: Mapping[str, Sequence[Cell]]) -> dict[str, Any]:
    """Return what the code and each publisher's figures may be used for."""
    catalogue = words.catalogue
    rows: dict[tuple[str, str], list[str]] = {}
    for key in _used(words, of_objects):
        source = catalogue.sources.sources[key]
        name = catalogue.sources.publishers[source.publisher].name[words.language]
        terms_of = catalogue.sources.licences[source.licence]
        rows.setdefault((name, text_in(terms_of.name, words.language)), []).append(
            text_in(source.table, words.language)
        )
    listed = [(name, ", ".join(tables), licence) for (name, licence), tables in rows.items()]
    own = [source.licence for source in catalogue.sources.sources.values() if source.kind != "independent"]
    if own and _printed_in(of_objects):
        name = text_in(catalogue.sources.licences[own[0]].name, words.language)
        listed.append((words("print_title"), words("print_tables"), name))
    columns = [words("source_publisher"), words("source_table"), words("source_licence")]
    return chapter(
        "licences",
        words("licences_heading"),
        [text(words("licences_lead")), table(words("licences_caption"), columns, listed)],
    )


def command(catalogue: Catalogue) -> str:
    """Return the command that makes the run's report again."""
    run = catalogue.run
    settings = [f"edition={run.edition}", *([f"area={run.area}"] if run.area else [])]
    settings += [f"language={run.language}", f"borders={run.borders}"]
    if run.on_missing is not None:
        settings.append(f"on_missing={run.on_missing}")
    if run.years:
        # As Python writes it, which is also how Snakemake reads it.
        settings.append(f"years={dict(sorted(run.years.items()))}")
    return f"snakemake --config {' '.join(map(shlex.quote, settings))}"


def reproducibility(words: Words, lock_sha256: str) -> dict[str, Any]:
    """Return how the document is cited, how it was made and how to make it again."""
    catalogue, run = words.catalogue, words.catalogue.run
    cited = {
        "authors": words("cite_authors"),
        "title": catalogue.edition.title[words.language],
        "year": f"{catalogue.edition.date.year}",
        "note": words("cite_note"),
    }
    # With parentheses, which BibTeX takes for braces.
    bibtex = '@misc(groruddalen_stats_{name}, author = "{authors}", title = "{title}", year = {year}, note = "{note}")'
    items = [
        (words("run_edition"), run.edition),
        (words("run_date"), catalogue.edition.date.isoformat()),
        (words("run_language"), words("language_name")),
        (words("run_borders"), words(f"borders_{run.borders}")),
        (words("run_command"), command(catalogue)),
        *([(words("run_lock"), lock_sha256)] if lock_sha256 else []),
        (words("run_commit"), words("run_commit_in")),
    ]
    return chapter(
        "reproducibility",
        words("reproducibility_heading"),
        [
            heading(words("cite_heading"), "cite"),
            text(words("cite_text", **cited)),
            terms(
                [
                    ("BibTeX", bibtex.format(name=catalogue.reader_name, **cited)),
                    (words("source_licence"), words("cite_licence")),
                ]
            ),
            heading(words("made_heading")),
            text(words("reproducibility_lead")),
            terms(items),
            heading(words("accessibility_heading"), "accessibility"),
            text(words("accessibility_text")),
        ],
    )
