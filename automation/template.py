"""How a template becomes a subject, an HTML part and a text part."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError
from liquid.static_analysis import Variable

from automation.template_file import parse_template
from automation.template_locale import account_facts
from automation.template_model import Template, TemplateError, Variant
from automation.template_sandbox import environment
from automation.template_source import check_source
from automation.template_text import text_of_html

__all__ = ["CompiledTemplate", "Rendered", "Template", "TemplateError", "Variant", "fill", "parse_template"]

_FIELD = re.compile(r"\$\{\s*([^{}$]+?)\s*\}")
_MARKUP = frozenset({"html", "mjml"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's content. `subject` is one line, empty when the template has none."""

    subject: str
    html: str | None
    text: str
    locale: str | None = None
    """Which variant it comes from; None is the template itself."""

    def content(self, *, test: bool) -> dict[str, Any]:  # Any: JSON
        """As the ledger keeps it; a test is marked where its reader looks first."""
        subject = f"[TEST] {self.subject}".rstrip() if test else self.subject
        text = f"[TEST] {self.text}" if test and not self.subject else self.text  # an SMS has no subject
        return {"subject": subject, "text": text, "html": self.html}


class CompiledTemplate:
    """A template that was parsed once and renders many times. Raises TemplateError.

    One with MJML has to be prepared first (automation.template_ready); before, it can only be looked at.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self._variants = {
            locale: _CompiledVariant(template, locale, variant) for locale, variant in template.variants()
        }

    def render(
        self,
        context: Mapping[str, Any],  # Any: any JSON
        default_language: str | None = None,
        default_zone: str | None = None,
    ) -> Rendered:
        """Render every part, in the contact's language and zone or else the default ones. Raises TemplateError.

        Parameters of `event` stand at the top level too, where the context has no such name.
        """
        scope = {**(context.get("event") or {}), **context, **account_facts(default_language, default_zone)}
        locale = None
        if self.template.locales:
            language = (context.get("contact") or {}).get("language")
            locale = self.template.locale_for(language if isinstance(language, str) else None, default_language)
        return self.render_in(locale, scope)

    def render_in(self, locale: str | None, scope: Mapping[str, Any]) -> Rendered:  # Any: any JSON
        """Render this variant with these top-level names. Raises TemplateError."""
        variant = self._variants[locale]
        html = variant.render("html", scope)
        text = variant.render("text", scope)
        subject = (variant if "subject" in variant.parts else self._variants[None]).render("subject", scope)
        return Rendered(
            subject=" ".join((subject or "").split()),
            html=html,
            text=text_of_html(html or "") if text is None else text,
            locale=locale,
        )

    def parts(self) -> Iterator[tuple[str | None, str, BoundTemplate]]:
        """Language, name and tree of every part."""
        for locale, variant in self._variants.items():
            for part, compiled in variant.parts.items():
                yield locale, part, compiled

    @cached_property
    def names(self) -> frozenset[str]:
        """Top-level names that the template takes from its context."""
        return frozenset(str(variable.segments[0]) for variable in self._variables())

    @cached_property
    def paths(self) -> frozenset[str]:
        """Dotted paths that the template takes from its context, such as `order.items`, as far as they are fixed."""
        return frozenset(dotted(variable) for variable in self._variables())

    def _variables(self) -> list[Variable]:
        analyses = [part.analyze(include_partials=False) for _, _, part in self.parts()]
        return [variable for analysis in analyses for found in analysis.globals.values() for variable in found]


class _CompiledVariant:
    """The parts of one language."""

    def __init__(self, template: Template, locale: str | None, variant: Variant) -> None:
        self._name = template.name
        self._strict = template.strict
        self._locale = locale
        self.parts = {part: self._compile(part, source) for part, source in variant.sources()}

    def render(self, part: str, scope: Mapping[str, Any]) -> str | None:  # Any: facts are any JSON
        if part == "html" and "mjml" in self.parts:
            raise TemplateError("it was not prepared", template=self._name, part="mjml", locale=self._locale)
        compiled = self.parts.get(part)
        try:
            return None if compiled is None else compiled.render(scope)
        except Exception as error:  # a filter given odd values raises what it likes; the author has to know where
            raise self._error(part, error) from error

    def _compile(self, part: str, source: str) -> BoundTemplate:
        try:
            check_source(source)
            return environment(escape=part in _MARKUP, strict=self._strict).from_string(source)
        except Exception as error:  # liquid wraps most of its own; a source nested too deep may break it elsewhere
            raise self._error(part, error) from error

    def _error(self, part: str, error: Exception) -> TemplateError:
        if not isinstance(error, LiquidError):
            said = f"{type(error).__name__}: {error}"
            return TemplateError(said, template=self._name, part=part, locale=self._locale)
        message = f"{error.message}: {error.__cause__}" if error.__cause__ else str(error.message)
        token = error.token if error.token and error.token.start_index >= 0 else None  # -1 is the end of an expression
        line, column = place(token.source, token.start_index) if token else (None, None)
        return TemplateError(message, template=self._name, part=part, locale=self._locale, line=line, column=column)


def place(source: str, index: int) -> tuple[int, int]:
    """Line and column, counted from 1, of a place in a source."""
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def dotted(variable: Variable) -> str:
    """`order.items` of a variable, as far as its path is fixed."""
    fixed = []
    for segment in variable.segments:
        if isinstance(segment, list):  # a path in brackets: which field it is shows only in a render
            break
        fixed.append(str(segment))
    return ".".join(fixed)


def fill(text: str, params: Mapping[str, Any]) -> str:  # Any: event parameters are any JSON
    """Put event parameters in place of `${name}`. A missing one becomes nothing; values are not filled again."""
    return _FIELD.sub(lambda match: _shown(params.get(match[1])), text)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else str(value)
