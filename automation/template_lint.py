"""What is wrong with a template, or looks so, before anybody gets it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from liquid import BoundTemplate
from liquid.static_analysis import Variable

from automation.fields import CONTACT_FIELDS
from automation.problems import did_you_mean
from automation.template import CompiledTemplate, Template, TemplateError, dotted, place
from automation.template_items import unknown_of_items
from automation.template_mjml import BODY_ELEMENTS, left_elements
from automation.template_ready import prepare
from core.document import ORDER_FIELDS

_FIELDS: dict[str, frozenset[str]] = {
    "order": frozenset(ORDER_FIELDS.values()),
    "contact": CONTACT_FIELDS,
    "run": frozenset({"id", "startedAt", "now", "test"}),
}
_TOP = frozenset({*_FIELDS, "event", "steps", "unsubscribe_url", "view_url", "confirm_url"})
_OF_EVENTS = frozenset(
    {"externalOrderId", "orderId", "status", "externalCustomerId", "email", "phone", "EmailAddress", "SMS", "contactId",
     "type", "key", "eventKey", "occurredAt"}
)  # fmt: skip
_OF_ARRAYS = frozenset({"size", "first", "last"})
_NEAR = 0.75


class Severity(StrEnum):
    """An `error` keeps a template from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `line` and `column` count from 1 within the part; None when it has no single place."""

    severity: Severity
    code: str
    message: str
    part: str
    locale: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.line is not None else ""
        told = ", ".join(filter(None, (self.locale, self.part, where)))
        return f"{self.severity}: {told}: {self.message}"


def lint(template: Template, *, marketing: bool) -> list[Finding]:
    """Everything that is known to be wrong. `marketing`: people who may unsubscribe get it by e-mail."""
    try:
        ready = prepare(template)
        compiled = CompiledTemplate(template)
    except TemplateError as error:
        return [
            Finding(Severity.ERROR, "syntax", error.message, error.part, error.locale, error.line, error.column or 1)
            if error.line
            else Finding(Severity.ERROR, "syntax", error.message, error.part, error.locale)
        ]
    found = [
        Finding(Severity.WARNING, "unknown_field", message, part, locale, *place(tree_source(tree), index))
        for locale, part, tree in compiled.parts()
        for message, index in sorted([*_unknown(tree), *unknown_of_items(tree)], key=lambda one: one[1])
    ]
    found += [
        Finding(
            Severity.ERROR,
            "unknown_filter",
            f"unknown filter {name!r}: {did_you_mean(name, tree.env.filters)}",
            part,
            locale,
            *place(tree_source(tree), spans[0].index),
        )
        for locale, part, tree in compiled.parts()
        for name, spans in tree.analyze(include_partials=False).filters.items()
        if name not in tree.env.filters
    ]
    found += _unknown_elements(template, ready)
    if marketing:
        found += _without_unsubscribing(template, compiled)
    return found


def tree_source(tree: BoundTemplate) -> str:
    """The source that a part was made of."""
    return str(next((node.token.source for node in tree.nodes), ""))


def _unknown(tree: BoundTemplate) -> Iterator[tuple[str, int]]:
    for variables in tree.analyze(include_partials=False).globals.values():
        for variable in variables:
            message = _fault(dotted(variable))
            if message:
                yield message, _index(variable)


def _index(variable: Variable) -> int:
    return int(variable.span.index)


def _fault(path: str) -> str | None:
    root, *deeper = path.split(".")
    known = _FIELDS.get(root)
    if known is not None:
        if not deeper or deeper[0] in known | _OF_ARRAYS or not deeper[0]:
            return None
        return f"{root} has no {deeper[0]!r}, {did_you_mean(deeper[0], known)}"
    if root in _TOP | _OF_EVENTS:
        return None
    near = get_close_matches(root, _TOP | _OF_EVENTS, n=1, cutoff=_NEAR)
    return f"unknown name {root!r}: did you mean {near[0]!r}?" if near else None  # else a parameter of the event


def _unknown_elements(template: Template, ready: Template) -> Iterable[Finding]:
    made = dict(ready.variants())
    for locale, variant in template.variants():
        for name in left_elements(made[locale].html or "") if variant.mjml else []:
            told = f"MJML has no element {name!r}, {did_you_mean(name, BODY_ELEMENTS)}"
            if name in BODY_ELEMENTS:
                told = f"{name!r} stands where MJML knows no such element"
            line, column = place(variant.mjml or "", (variant.mjml or "").find(f"<{name}"))
            yield Finding(Severity.WARNING, "unknown_element", told, "mjml", locale, line, column)


def _without_unsubscribing(template: Template, compiled: CompiledTemplate) -> Iterable[Finding]:
    linked = {
        locale
        for locale, part, tree in compiled.parts()
        if part in {"html", "mjml", "text"} and "unsubscribe_url" in tree.analyze(include_partials=False).globals
    }
    for locale, variant in template.variants():
        if locale not in linked and (variant.html or variant.mjml):
            yield Finding(
                Severity.WARNING,
                "no_unsubscribe_link",
                "an automation sends it to people who may unsubscribe, and it has no link with {{ unsubscribe_url }}",
                "mjml" if variant.mjml else "html",
                locale,
            )
