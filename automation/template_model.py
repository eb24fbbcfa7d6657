"""What a message template says: its Liquid sources, in one language or in several."""

import re
from collections.abc import Collection, Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import InvalidError

_LONGEST_SOURCE = 256 * 1024
"""Characters of one part."""
_MOST_LANGUAGES = 50
PARTS = ("subject", "html", "mjml", "text")

Source = Annotated[str, Field(max_length=_LONGEST_SOURCE, pattern=r"^[^\x00]*$")]
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")
Language = Annotated[str, Field(pattern=f"^{LANGUAGE.pattern}$")]
"""A tag such as `uk`, `uk-UA` or `zh-Hans`; case and the kind of dash do not matter."""


class TemplateError(InvalidError):
    """A template cannot be read, compiled or rendered.

    `part` is subject, html, mjml, text, or file for the front matter; `locale` the language of a variant, None for the
    template itself; `line` and `column` count from 1 within the part, or are None.
    """

    def __init__(
        self,
        message: str,
        *,
        template: str,
        part: str,
        locale: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        name = f"{template} ({locale})" if locale else template
        place = f", line {line}" + (f", column {column}" if column else "") if line is not None else ""
        super().__init__(f"{name}, {part}{place}: {message}", field=part)
        self.message = message
        self.template = template
        self.part = part
        self.locale = locale
        self.line = line
        self.column = column


class Variant(BaseModel):
    """The sources of one message in one language. Without `text` the text part is made from the HTML part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: Source | None = Field(None, description="Subject line of an e-mail, in Liquid.")
    html: Source | None = Field(None, description="HTML part, in Liquid.")
    mjml: Source | None = Field(None, description="Instead of `html`; it becomes HTML when the template is published.")
    text: Source | None = Field(
        None, description="Plain text part, or the text of an SMS, in Liquid; made from the HTML part when absent."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.html is None and self.mjml is None and self.text is None:
            msg = "a template needs an HTML or a text part"
            raise ValueError(msg)
        if self.html is not None and self.mjml is not None:
            msg = "a template has either an HTML or an MJML part"
            raise ValueError(msg)
        return self

    def sources(self) -> Iterator[tuple[str, str]]:
        """Name and source of each part."""
        for part in PARTS:
            source = getattr(self, part)
            if source is not None:
                yield part, source


class Template(Variant):
    """A message, and its variants in other languages. A variant without a subject takes this one's."""

    name: str
    strict: bool = False
    """A missing value fails the render instead of printing nothing."""
    inline_css: bool = True
    """Rules of `<style>` are written into the elements too, when the template is published."""
    language: Language | None = None
    """The language of the template itself, when it is to be found by it."""
    locales: Annotated[dict[Language, Variant], Field(max_length=_MOST_LANGUAGES)] = {}

    def variants(self) -> Iterator[tuple[str | None, Variant]]:
        """The template itself under None, then its variants by language."""
        yield None, self
        yield from self.locales.items()

    def locale_for(self, language: str | None, default: str | None) -> str | None:
        """Which variant speaks the first of these languages that any does; None for the template itself."""
        own = [self.language] if self.language else []
        for wanted in (language, default):
            found = best_language(wanted, [*own, *self.locales]) if wanted else None
            if found is not None:
                return found if found in self.locales else None
        return None

    def content(self) -> dict[str, object]:
        """As it is stored: what is as usual is left out."""
        return self.model_dump(exclude_defaults=True) | {"name": self.name, "strict": self.strict}


def best_language(wanted: str, offered: Collection[str]) -> str | None:
    """The offered tag that is `wanted`, or the longest that it begins with: `uk` for `uk-UA`."""
    tags = {_plain(tag): tag for tag in offered}
    parts = _plain(wanted).split("-")
    return next((tags[tag] for end in range(len(parts), 0, -1) if (tag := "-".join(parts[:end])) in tags), None)


def _plain(tag: str) -> str:
    return tag.strip().lower().replace("_", "-")
