"""The documentation as pages of the site: the project's Markdown files, with links among them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from groruddalen_stats.paths import write_text

__all__ = ["write_documents"]

_ELSEWHERE = re.compile(r"^(https?:|mailto:|#)")


def write_documents(root: Path, target: Path, pages: Environment, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Write every document of the project as a page, and return the name and title of each.

    A link to another document leads to its page; one to a file that the site does not have is text.
    """
    listed = [root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md", root / "config" / "README.md"]
    files = [file for file in [*listed, *sorted((root / "docs").glob("*.md"))] if file.is_file()]
    named = {file: _name(file, root) for file in files}
    written = []
    for file, name in named.items():
        title, body = _rendered(file, named, target)
        model = {"language": "en", "words": words, "title": title, "body": Markup(body)}  # noqa: S704 - our own files
        write_text(target / name, pages.get_template("document.html.j2").render(model))
        written.append((name, title))
    return written


def _name(file: Path, root: Path) -> str:
    parts = [part for part in file.relative_to(root).with_suffix("").parts if part != "docs"]
    return f"{'-'.join(parts).lower()}.html"


def _rendered(file: Path, named: Mapping[Path, str], target: Path) -> tuple[str, str]:
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(re.sub(r"<!--.*?-->\n?", "", file.read_text(encoding="utf-8"), flags=re.DOTALL))
    title = file.stem
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", re.sub(r"[^\w -]", "", inline.content.lower()).replace(" ", "-"))
            title = inline.content if opening.tag == "h1" else title
        if inline.type == "inline":
            inline.children = _linked(inline.children or [], file, named, target)
    return title, parser.renderer.render(tokens, parser.options, {})


def _linked(tokens: list[Token], file: Path, named: Mapping[Path, str], target: Path) -> list[Token]:
    """Return tokens whose links and pictures arrive inside the site; a link that leads nowhere is left out."""
    kept, gone = [], False
    for token in tokens:
        if token.type == "image":
            picture = (file.parent / str(token.attrGet("src"))).resolve()
            if picture.is_file():
                (target / "img").mkdir(parents=True, exist_ok=True)
                shutil.copy(picture, target / "img" / picture.name)
                token.attrSet("src", f"img/{picture.name}")
        if token.type == "link_open":
            href = str(token.attrGet("href"))
            path, _, anchor = href.partition("#")
            found = named.get(Path(os.path.normpath(file.parent / path)))
            gone = not (_ELSEWHERE.match(href) or found)
            if found and not _ELSEWHERE.match(href):
                token.attrSet("href", f"{found}#{anchor}" if anchor else found)
        if not (gone and token.type in {"link_open", "link_close"}):
            kept.append(token)
        gone = gone and token.type != "link_close"
    return kept
