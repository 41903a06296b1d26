"""The report told to search engines as a schema.org Dataset: what it is, of where and when, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.report.words import Words

_FORMATS = {
    "appendix.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "appendix.pdf": "application/pdf",
    "tidy.csv": "text/csv",
    "codebook.csv": "text/csv",
}


def dataset(words: Words, cells: Iterable[Cell]) -> dict[str, Any]:
    """Return the description of a report in JSON-LD."""
    catalogue, listed = words.catalogue, list(cells)
    known = catalogue.sources
    used = [known.sources[key] for key in sources_of(listed, known)]
    years = sorted({cell.spec.year for cell in listed if cell.known}) or [catalogue.edition.date.year]
    licences = [known.licences[key].url for key in dict.fromkeys(source.licence for source in used)]
    publishers = dict.fromkeys(source.publisher for source in used)
    tables = {f"data/{name}.csv": "text/csv" for name in catalogue.appendix.objects}
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": catalogue.edition.title[words.language],
        "description": words("dataset_description"),
        "inLanguage": words.language,
        "isAccessibleForFree": True,
        "license": [url for url in licences if url],
        "creator": {"@type": "Organization", "name": "groruddalen_stats contributors"},
        "dateModified": catalogue.edition.date.isoformat(),
        "temporalCoverage": f"{years[0]}/{years[-1]}",
        "spatialCoverage": {"@type": "Place", "name": catalogue.area.name[words.language]},
        "variableMeasured": [catalogue.text(spec.title) for spec in catalogue.appendix.objects.values()],
        "isBasedOn": [
            {
                "@type": "CreativeWork",
                "name": known.publishers[key].name[words.language],
                "url": known.publishers[key].url,
            }
            for key in publishers
        ],
        "distribution": [
            {"@type": "DataDownload", "contentUrl": name, "encodingFormat": form}
            for name, form in {**_FORMATS, **tables}.items()
        ],
    }
