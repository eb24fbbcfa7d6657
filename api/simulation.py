"""A simulation on stored data: reads, walks, answers. Sends and writes nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.template_work import preview_links
from api.trial_body import SimulateIn
from automation.action_steps import SendStep
from automation.backtest_event import PastEvent
from automation.backtest_time import account_of
from automation.definition import Definition, build_definition
from automation.interpreter import Flow
from automation.simulation import simulate
from automation.template import CompiledTemplate, Template
from core.errors import InvalidError
from core.settings import Settings
from store import automations, templates, test_launches
from store.backtest import past_event_facts, what_followed
from store.facts import load_contacts

_NOBODY = UUID(int=0)


async def simulate_on(
    session: AsyncSession, settings: Settings, name: str | None, wanted: SimulateIn
) -> dict[str, Any]:  # JSON
    """The way of one event through an automation, or through the draft in `wanted`.

    Raises NotFoundError, InvalidError, DefinitionError.
    """
    flow = Flow(await _definition(session, name, wanted))
    _check_assumed(flow, wanted.assume)
    events, note = await _events(session, flow, wanted)
    known = {}
    for step in flow.steps.values():
        if isinstance(step, SendStep) and step.template not in known:
            stored = await templates.latest_template(session, step.template)
            if stored is not None:
                known[step.template] = CompiledTemplate(Template.model_validate(stored.ready))
    answer = simulate(
        flow,
        events,
        past_event_facts,
        templates=known,
        account=account_of(
            zone=settings.account_zone, window=settings.account_window, country=settings.account_country
        ),
        assume=wanted.assume,
        language=settings.account_language,
        links=preview_links(settings),
    )
    answer["notes"] = [*note, *answer["notes"]]
    return answer


async def _definition(session: AsyncSession, name: str | None, wanted: SimulateIn) -> Definition:
    if wanted.definition is not None:
        return build_definition(wanted.definition)
    found = await automations.find(session, name or "")
    version = await automations.version(session, found.id, wanted.version or found.live_number or 0)
    return Definition.model_validate(version.definition)


def _check_assumed(flow: Flow, assume: dict[str, str]) -> None:
    for step_id, branch in assume.items():
        step = flow.steps.get(step_id)
        if step is None or step.kind not in ("wait_for", "check_message") or branch not in ("then", "else"):
            raise InvalidError(
                f"assume.{step_id}: name a wait_for or check_message and its branch, then or else", field="assume"
            )


async def _events(session: AsyncSession, flow: Flow, wanted: SimulateIn) -> tuple[list[PastEvent], list[str]]:
    """The event that begins it, what came after it, and what had to be supposed."""
    starts = flow.definition.start.event
    if wanted.event is not None:
        return [await _pasted(session, wanted)], []
    event = await test_launches.event_to_try(session, wanted.order or "", starts)
    events = [PastEvent(*row) for row in await what_followed(session, event)]
    first = events[0]
    if starts and first.type not in starts:
        note = f"the order has no event that starts it; supposed is {starts[0]} instead of its {first.type}"
        at = wanted.at or datetime.now(UTC)
        return [first._replace(type=starts[0], effect="acts", at=at)], [note]
    if wanted.at is not None:
        return [first._replace(at=wanted.at, effect="acts")], ["what came later is not looked at when `at` is given"]
    return [first._replace(effect="acts"), *events[1:]], []


async def _pasted(session: AsyncSession, wanted: SimulateIn) -> PastEvent:
    at = wanted.at or datetime.now(UTC)
    pasted = wanted.event.pasted if wanted.event is not None else None
    if pasted is None:
        raise InvalidError("write either order or event", field="event")
    contact: dict[str, Any] | None = None  # JSON
    if pasted.contact_id is not None:
        await test_launches.check_contact(session, pasted.contact_id)
        contact = (await load_contacts(session, [pasted.contact_id])).get(pasted.contact_id)
    return PastEvent(
        at=at,
        seq=0,
        type=pasted.event_type,
        key=pasted.event_key,
        effect="acts",
        id=_NOBODY,
        order_id=None,
        contact_id=pasted.contact_id,
        snapshot=pasted.order,
        params=pasted.params,
        occurred_at=at,
        contact=contact,
    )
