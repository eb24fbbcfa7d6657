"""Everything that the console says is in its catalogue, from which others can translate it."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo

import console
from console import text
from console.catalogue import catalogue, texts

_SOURCE = Path(console.__file__).parent
_SHOWN = {"heading", "nothing", "label", "button", "notify", "checkbox", "linear_progress"}
"""What shows its first argument to a person."""


def test_nothing_is_shown_that_cannot_be_translated():
    bare = []
    for path in sorted(_SOURCE.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            first = call.args[0]
            if name in _SHOWN and isinstance(first, (ast.Constant, ast.JoinedStr)) and _says(first):
                bare.append(f"{path.relative_to(_SOURCE)}:{call.lineno} {ast.unparse(first)}")
    assert bare == [], "give them to console.text.tr"


def _says(shown: ast.Constant | ast.JoinedStr) -> bool:
    """Whether there are words in it, beside what is filled in."""
    parts = shown.values if isinstance(shown, ast.JoinedStr) else [shown]
    return any(re.search("[A-Za-z]{2}", str(one.value)) for one in parts if isinstance(one, ast.Constant))


def test_texts_are_found_where_tr_is_given_a_name():
    assert texts('x = tr("One") if y else tr("Two {n}", n=3)') == {"One", "Two {n}"}
    assert texts('columns = [tr(name) for name in ("Order", "state")]') == {"Order", "state"}
    assert texts('_SAID = {"a_b": "Is here", "c": "/path"}\ntr(_SAID[x])') == {"Is here"}
    assert texts('@page("/x", title="Runs")\ndef f(): ...') == {"Runs"}


def test_another_language_takes_the_place_of_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As a translator does it: a text for each one of the catalogue, compiled into console/locale."""
    made = catalogue()
    for message in made:
        if message.id:
            message.string = f"«{message.id}»"
    target = tmp_path / "uk" / "LC_MESSAGES" / "ordercue.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, made)
    monkeypatch.setattr(text, "_FOLDER", tmp_path)
    text.speak("uk")
    try:
        assert text.tr("Orders") == "«Orders»"
        assert text.tr("There is no such {kind}.", kind="run") == "«There is no such run.»"
        said = {message.id for message in made if message.id}
        assert {"Home", "To the content", "No such orders. Post some to /api/v1/orders, or take a filter away."} <= said
        found = gettext.translation("ordercue", tmp_path, languages=["uk"])
        assert all(found.gettext(str(one)) == f"«{one}»" for one in said)
    finally:
        text.speak("en")
