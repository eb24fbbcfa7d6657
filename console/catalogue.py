"""The texts of the console, collected from its source: what translators begin with.

python -m console.catalogue             writes console/locale/ordercue.pot
pybabel init -i console/locale/ordercue.pot -D ordercue -d console/locale -l uk
pybabel compile -D ordercue -d console/locale
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

FOLDER = Path(__file__).parent
POT = FOLDER / "locale" / "ordercue.pot"
_WORDS = re.compile(r"[A-Z?+][^_/{}<>=:]*|[a-z][a-z',.\-–%]*( [^_/{}<>=:]+)+")
"""What reads like words rather than a name: it begins with a capital, or has a space."""


def texts(source: str) -> set[str]:
    """Every text that a module has translated: what stands in `tr` and in titles of pages.

    Where `tr` is given a name, its text stands in a constant of the module or in the loop around it. All that reads
    like words there is taken: a text too many costs a translator a glance, one too few cannot be translated.
    """
    tree = ast.parse(source)
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    asked = [one.args[0] for one in calls if isinstance(one.func, ast.Name) and one.func.id == "tr" and one.args]
    found = {text for one in asked for text in _literals(one)}
    for call in calls:
        found |= {text for word in call.keywords if word.arg in _TITLES for text in _literals(word.value)}
    if any(not isinstance(one, ast.Constant) for one in asked):
        found |= {text for one in ast.walk(tree) if isinstance(one, _LISTS) for text in _words_of(one)}
        for loop in ast.walk(tree):
            if isinstance(loop, (ast.comprehension, ast.For)):
                found |= set(_literals(loop.iter))
    return {text for text in found if any(letter.isalpha() for letter in text)}


_TITLES = frozenset({"title"})
_LISTS = (ast.Tuple, ast.List, ast.Dict, ast.Set)


def catalogue() -> Catalog:
    """All texts with the modules that they stand in."""
    made = Catalog(project="Ordercue", charset="utf-8", fuzzy=False)
    for path in sorted(FOLDER.rglob("*.py")):
        for text in sorted(texts(path.read_text(encoding="utf-8"))):
            made.add(text, locations=[(f"console/{path.relative_to(FOLDER)}", 0)])
    return made


def write(path: Path = POT) -> None:
    """The same texts give the same file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue(), omit_header=True, sort_output=True, include_lineno=False, width=120)


def _literals(node: ast.expr) -> Iterator[str]:
    """Texts of an expression: of both sides of a condition, of all members of a list."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for one in node.elts:
            yield from _literals(one)


def _words_of(node: ast.AST) -> Iterator[str]:
    inside = node.values if isinstance(node, ast.Dict) else getattr(node, "elts", [])
    for one in inside:
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and _WORDS.fullmatch(one.value):
            yield one.value


if __name__ == "__main__":
    write()
