"""What can be done with templates, for the API, the console and the command line alike."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from automation.template import CompiledTemplate, Rendered, Template
from automation.template_lint import Finding, Severity, lint
from automation.template_locale import account_facts
from automation.template_ready import prepare
from automation.template_sample import sample_facts
from core.errors import InvalidError
from core.settings import Settings
from store import templates
from store.audit import record_audit
from store.template_facts import marketing_uses, order_facts


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did. `number` is that of the newest version."""

    number: int
    changed: bool


async def save_template(session: AsyncSession, template: Template, *, actor: str) -> Saved:
    """Publish a new version, when it says anything new. Raises TemplateError for what could not be sent."""
    ready = await asyncio.to_thread(prepare, template)  # compiling may take a moment
    prepared = None if ready is template else ready.content()
    number, changed = await templates.apply_template(session, template.name, template.content(), prepared)
    if changed:
        subject = f"template:{template.name}"
        await record_audit(
            session, actor=actor, action="template.publish", subject=subject, details={"version": number}
        )
    return Saved(number, changed)


async def publish_template(session: AsyncSession, template: Template, *, actor: str) -> tuple[Saved, list[Finding]]:
    """Publish what lint finds no mistake in, with its doubts. Raises InvalidError for the first mistake."""
    findings = await lint_template(session, template)
    for one in findings:
        if one.severity is Severity.ERROR:
            raise InvalidError(str(one), field=one.part)
    return await save_template(session, template, actor=actor), findings


async def lint_template(session: AsyncSession, template: Template) -> list[Finding]:
    """Mistakes and doubts, with their places; a mistake keeps it from being published."""
    uses = await marketing_uses(session, template.name)
    return await asyncio.to_thread(lint, template, marketing=bool(uses))


async def preview_template(
    session: AsyncSession,
    settings: Settings,
    template: Template,
    *,
    order: str | None = None,
    language: str | None = None,
    params: Mapping[str, Any] | None = None,  # Any: JSON
) -> Rendered:
    """The message for a stored order (externalOrderId), else for a made-up one; `template` as its author wrote it.

    `language` stands for the contact's, `params` for parameters of the event. Raises NotFoundError and TemplateError.
    """
    facts = await preview_facts(session, settings, order=order, language=language, params=params)

    def work() -> Rendered:
        return CompiledTemplate(prepare(template)).render(facts, settings.account_language, settings.account_zone)

    return await asyncio.to_thread(work)


async def preview_variant(
    session: AsyncSession, settings: Settings, template: Template, locale: str | None, *, order: str | None = None
) -> Rendered:
    """The same of one variant, whatever language the contact has; None is the template itself."""
    facts = await preview_facts(session, settings, order=order, language=locale)
    account = account_facts(settings.account_language, settings.account_zone)

    def work() -> Rendered:
        return CompiledTemplate(prepare(template)).render_in(locale, {**facts["event"], **facts, **account})

    return await asyncio.to_thread(work)


async def preview_facts(
    session: AsyncSession,
    settings: Settings,
    *,
    order: str | None,
    language: str | None,
    params: Mapping[str, Any] | None = None,  # Any: JSON
) -> dict[str, Any]:  # Any: JSON
    """What a template sees in a preview. Its links look like the real ones and lead nowhere."""
    facts = sample_facts() if order is None else await order_facts(session, order)
    if language is not None:
        facts["contact"] = {**facts["contact"], "language": language}
    facts["event"] = {**facts["event"], **(params or {})}
    return facts | preview_links(settings)


def preview_links(settings: Settings) -> dict[str, str]:
    """What templates know as their links, leading nowhere."""
    base = settings.public_url.rstrip("/")
    return {f"{page}_url": f"{base}/{page}/preview" for page in ("unsubscribe", "view", "confirm")}
