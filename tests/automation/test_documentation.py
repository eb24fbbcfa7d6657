"""docs/automations.md teaches the whole language, and every example in it is right."""

import re
from pathlib import Path

import pytest

from automation.condition import Op
from automation.definition import check, load_definition
from automation.steps import STEPS

TEXT = (Path(__file__).parents[2] / "docs" / "automations.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
TEMPLATES = {"thanks": frozenset({"order"}), "review": frozenset(), "review-request": frozenset({"order"})}


def _whole(example: str) -> str:
    """An example of one part, in an automation that has the others."""
    text = example if example.startswith("name:") else f"name: x\n{example}"
    if example.startswith("- "):
        text = "name: x\nsteps:\n" + re.sub("^", "  ", example, flags=re.MULTILINE)
    if "start:\n" not in text:
        text = f"start: {{ event: orderDELIVERED }}\n{text}"
    return text if "steps:\n" in text else f"{text}\nsteps: [ stop: ]\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0][:30])
def test_an_example_of_the_documentation_has_no_problems(example: str) -> None:
    needs_no_order = {name: used - {"order"} for name, used in TEMPLATES.items()}
    templates = TEMPLATES if example.startswith("name:") else needs_no_order
    assert check(load_definition(_whole(example)), templates=templates, channels=["email", "sms"]) == ()


@pytest.mark.parametrize("kind", STEPS)
def test_every_step_has_an_example(kind: str) -> None:
    assert any(re.search(rf"- {kind}:", example) for example in EXAMPLES)


@pytest.mark.parametrize("op", list(Op))
def test_every_comparison_is_explained(op: Op) -> None:
    assert f"`{op}`" in TEXT


@pytest.mark.parametrize("word", [
    "once_per_status", "once_per_order", "once_per_contact", "each_time", "within", "skip", "replace", "pinned",
    "migrate", "drain", "items: any", "items: all", "items: count", "items: sum", "holdout", "not_after", "obligatory",
    "holidays",
])  # fmt: skip
def test_every_choice_is_explained(word: str) -> None:
    assert word in TEXT
