"""A template while it is written: its variants by language, what lint says, and how it looks for an order."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from api.template_work import lint_template, preview_variant
from automation.template import Rendered, Template, TemplateError
from automation.template_lint import Finding, Severity
from automation.template_model import LANGUAGE
from console.naming import TEMPLATE_NAME, check_name
from console.text import tr
from console.visit import Visit
from core.errors import InvalidError, NotFoundError

BODIES = ("html", "mjml")
EMPTY = """\
<p>Hello, {{ contact.firstName | default: 'there' }}!</p>
<p>Thank you for your order {{ order.externalOrderId }}.</p>
{% for item in order.items %}<p>{{ item.quantity }} × {{ item.name }}</p>{% endfor %}
"""
"""What an editor begins with."""
_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a draft: `fault` tells why there is no message."""

    findings: list[Finding]
    rendered: Rendered | None
    fault: str = ""


@dataclass
class Draft:
    """`document` is what a template says, whether it is one already or not."""

    visit: Visit
    name: str
    document: dict[str, Any]  # Any: JSON
    locale: str | None = None
    """The variant that is written; None is the template itself."""
    order: str | None = None
    """Whose message is looked at; None is a made-up order."""
    number: int | None = None
    """The version that the draft began with."""
    _asked: int = field(default=0, init=False)

    @property
    def variant(self) -> dict[str, Any]:  # Any: JSON
        """The parts in the language that is written."""
        if self.locale is None:
            return self.document
        found: dict[str, Any] = self.document.setdefault("locales", {}).setdefault(self.locale, {})  # Any: JSON
        return found

    @property
    def locales(self) -> list[str]:
        """The languages that have a variant."""
        return sorted(self.document.get("locales", {}))

    def body(self) -> str:
        """Which part the body is."""
        return next((part for part in BODIES if part in self.variant), "html")

    def say(self, part: str, text: str) -> None:
        """Write a part; an empty one is left out."""
        if text.strip():
            self.variant[part] = text
        else:
            self.variant.pop(part, None)

    def use(self, body: str) -> None:
        """Let the body be of this kind."""
        for other in BODIES:
            if other != body and other in self.variant:
                self.variant[body] = self.variant.pop(other)

    def add(self, language: str) -> None:
        """Begin a variant with what the template itself says. Raises InvalidError."""
        if not LANGUAGE.fullmatch(language):
            raise InvalidError(tr("A language is a tag such as uk or de-AT."), field="language")
        if language in self.locales:
            raise InvalidError(tr("There is a variant in {language} already.", language=language), field="language")
        said = {part: self.document[part] for part in ("subject", *BODIES, "text") if part in self.document}
        self.document.setdefault("locales", {})[language] = said
        self.locale = language

    def remove(self) -> None:
        """Take the variant that is written away."""
        self.document.get("locales", {}).pop(self.locale, None)
        self.locale = None

    def template(self) -> Template:
        """What is written, as a template. Raises InvalidError for what is none."""
        check_name(self.name, TEMPLATE_NAME)
        return self._named(self.name)

    def _named(self, name: str) -> Template:
        try:
            return Template.model_validate({**self.document, "name": name})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise InvalidError(f"{place}: {first['msg']}" if place else str(first["msg"]), field=place) from None

    async def look(self) -> Look | None:
        """Lint and preview; None when it was asked for again meanwhile, and that answer counts."""
        self._asked += 1
        asked = self._asked
        found = await self._look()
        return found if asked == self._asked else None

    async def _look(self) -> Look:
        try:
            template = self.template() if self.name else self._named(_UNNAMED)  # a name is needed to publish alone
        except InvalidError as error:
            return Look([Finding(Severity.ERROR, "form", str(error), error.field or "template", self.locale)], None)
        try:
            async with self.visit.read() as session:
                findings = await lint_template(session, template)
                settings = self.visit.services.settings
                rendered = await preview_variant(session, settings, template, self.locale, order=self.order)
        except TemplateError as error:
            return Look(findings, None, str(error))
        except NotFoundError:
            return Look(findings, None, tr("There is no order {order}.", order=self.order))
        return Look(findings, rendered)
