"""YAML with one meaning: no key twice, no value that is none; light, for the Snakefile reads it at every call."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from groruddalen_stats.errors import ConfigError, did_you_mean
from groruddalen_stats.plaintext import text_of

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # a PyYAML built without libyaml reads the same files, only slower
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]


class _Loader(_BaseLoader):
    """YAML loader that refuses a key written twice: the second would silently win."""


class _Telling(_Loader):
    """The same that says where a value is none; slower, so that only a file that has such is read with it."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError) as error:
            shown = getattr(node, "value", "")
            what = f"'{shown}' is no value ({error})" if isinstance(shown, str) else str(error)
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from None


def _mapping_without_duplicates(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: dict[Hashable, int] = {}
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key '{key}' is already set in line {seen[key]}", key_node.start_mark
            )
        seen[key] = key_node.start_mark.line + 1
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates)


def read_yaml(path: Path) -> Any:
    """Return the content of one YAML file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError("the file does not exist", where=str(path), remedy=_nearby(path)) from None
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        raise ConfigError(what, where=str(path), remedy="restore it from the repository") from None
    text = text_of(content, str(path), ConfigError)
    try:
        try:
            return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
        except (ValueError, TypeError, OverflowError):
            return yaml.load(text, Loader=_Telling)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what, remedy = str(error.problem or error), "correct the YAML on this line"
        if any(re.match(r"\s*\t", wrong) for wrong in text.splitlines()[line - 1 : line]):
            what, remedy = "a tabulator at the beginning of the line", "write blanks in its place"
        raise ConfigError(what, where=f"{path}:{line}", remedy=remedy) from None
    except yaml.reader.ReaderError as error:
        line = text[: int(error.position)].count("\n") + 1
        what = f"the character {int(error.character):#04x} may not stand in YAML"
        raise ConfigError(what, where=f"{path}:{line}", remedy="delete it") from None
    except RecursionError:
        raise ConfigError("nested too deep", where=str(path), remedy="correct the YAML") from None
    except yaml.YAMLError as error:
        raise ConfigError(str(error).splitlines()[0], where=str(path), remedy="correct the YAML") from None


def read_keys(path: Path) -> dict[str, Any]:
    """Return the keys of a YAML file; none for a file that does not exist or is something else than keys."""
    read = read_yaml(path) if path.exists() else None
    return read if isinstance(read, dict) else {}


def _nearby(path: Path) -> str:
    siblings = [p.name for p in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
    return did_you_mean(path.name, siblings) if siblings else "restore it from the repository"
