"""What the routes of templates answer, for the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED
from api.template_body import TemplateIn
from automation.template_lint import Severity


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class TemplateVersionOut(_Out):
    """A version of a template, without its sources."""

    name: str = Field(description="Name of the template.")
    version: int
    subject: str | None = Field(description="Its subject, in Liquid; null without one.")
    languages: list[str] = Field(description="The other languages that it has, by tag.")
    created_at: datetime = Field(description="When it was published.")


class TemplatesOut(_Out):
    """All templates."""

    templates: list[TemplateVersionOut] = Field(description="The newest version of each, by name.")


class TemplateDetail(TemplateVersionOut):
    """A version of a template."""

    content: TemplateIn = Field(description="As its author wrote it; what is as usual is left out.")


class TemplateVersions(_Out):
    """One page of the versions, newest first."""

    versions: list[TemplateVersionOut] = Field(max_length=MOST_LISTED, description="Newest first.")
    next_before: int | None = Field(description="`before` of the next page; null on the last one.")


class TemplateFinding(_Out):
    """A mistake or a doubt."""

    severity: Severity = Field(description="An `error` keeps a template from being published.")
    code: str = Field(description="Stable, such as `unknown_field`.", examples=["unknown_field"])
    message: str = Field(description="A sentence for people; it may change.")
    part: str = Field(description="Where: subject, html, mjml or text.")
    locale: str | None = Field(description="In which language; null for the template itself.")
    line: int | None = Field(description="In the part, from 1; null when it has no single place.")
    column: int | None = Field(description="In the line, from 1.")


class TemplateChecked(_Out):
    """What was found."""

    findings: list[TemplateFinding] = Field(description="Mistakes and doubts; empty when there are none.")


class TemplatePublished(_Out):
    """The newest version now."""

    name: str = Field(description="Name of the template.")
    version: int
    changed: bool = Field(description="It is new; false when the newest one says the same already.")
    findings: list[TemplateFinding] = Field(description="Doubts; a mistake would have been refused.")


class TemplatePreview(_Out):
    """A message as it would be."""

    subject: str = Field(description="One line; empty when the template has none.")
    html: str | None = Field(description="The HTML part; null when the template has none.")
    text: str = Field(description="The text part.")
    locale: str | None = Field(description="Its language; null for the template itself.")


class TemplateTestStarted(_Out):
    """What is on its way."""

    id: UUID = Field(description="Of the test: `GET …/tests/{id}` tells what became of it.")
    channel: str
    to: str = Field(description="The address, as it is written to.")
    test: Literal[True] = Field(description="Counted nowhere.")
    subject: str = Field(description="One line, as rendered, before it is marked TEST.")
    locale: str | None = Field(description="Its language; null for the template itself.")


class TemplateTestOut(_Out):
    """What became of a test."""

    id: UUID = Field(description="Of the test.")
    channel: str
    to: str = Field(description="The address.")
    state: Literal["pending", "sending", "sent", "failed", "unknown"] = Field(
        description="The last three are final; `unknown` when the provider's answer was lost."
    )
    reason: dict[str, Any] | None = Field(description="Why it is so: a stable code and its facts.")  # Any: JSON
    created_at: datetime
    updated_at: datetime = Field(description="When that came about.")
