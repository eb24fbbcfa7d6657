"""What the routes of templates are asked."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from automation.template import Template, Variant
from automation.template_model import Language

MOST_NUMBER = 2_147_483_647
"""Of a version."""

_Short = StringConstraints(pattern=r"^[^\s\x00]+$", max_length=320)


class TemplateIn(Variant):
    """A template: Liquid in `subject`, in `html` or `mjml`, and in `text`."""

    strict: bool = Field(False, description="A missing value fails the message instead of printing nothing.")
    inline_css: bool = Field(True, description="Rules of `<style>` are written into the elements at publishing.")
    language: Language | None = Field(None, description="Of the template itself.")
    locales: Annotated[dict[Language, Variant], Field(max_length=50)] = Field(
        {}, description="The same message in other languages."
    )

    def named(self, name: str) -> Template:
        """As templates are kept."""
        return Template.model_validate(self.model_dump(exclude_unset=True) | {"name": name})


class TemplatePreviewIn(BaseModel):
    """What to look at, for whom."""

    model_config = ConfigDict(extra="forbid")

    template: TemplateIn | None = Field(None, description="A draft; default: what is stored.")
    version: int | None = Field(None, ge=1, le=MOST_NUMBER, description="Of what is stored; default: the newest.")
    order: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="externalOrderId; default: a made-up order."
    )
    language: Language | None = Field(None, description="As if the contact spoke it.")
    params: dict[str, Any] | None = Field(None, description="Parameters of the event.")  # Any: JSON


class TemplateTestIn(TemplatePreviewIn):
    """Where the message goes to be looked at."""

    __test__ = False  # no test of pytest's

    to: Annotated[str, _Short, Field(min_length=3, description="An address of the channel.")]
    channel: Annotated[str, _Short] | None = Field(None, description="Default: by the address, `email` or `sms`.")
