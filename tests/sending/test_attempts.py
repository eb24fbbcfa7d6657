"""A message between its attempts: how long it is tried, when it is repeated, and what is known of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.decide import DecideActivities
from activities.library import Library
from activities.match_contacts import MatchActivities
from activities.send_message import SendActivities
from channels.base import Accepted, AddressKind, Later, Outcome, Outgoing
from core.contracts import At, Batches, Sent
from core.settings import Settings
from store.links import LinkKeeper
from store.unsubscriptions import unsubscribe
from tests.builders import THANKS, an_order
from tests.product import Product, running_api

_STOPPED = THANKS.replace("steps:", "stop:\n  - { event: orderCANCELLED }\nsteps:")


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    async with running_api(live_settings, temporal_env.client) as product:
        yield product


@dataclass
class Provider:
    """The far end: says what it is told to say, then takes everything."""

    outcomes: list[Outcome] = field(default_factory=list)
    takes_key: bool = False
    name: str = "email"
    address_kind: AddressKind = AddressKind.EMAIL
    got: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing) -> Outcome:
        self.got.append(message)
        return self.outcomes.pop(0) if self.outcomes else Accepted("taken")

    async def close(self) -> None:
        """Nothing is kept."""


@dataclass
class Sender:
    """One message whose run was decided and whose workflow never begins; each call is an attempt."""

    product: Product
    order: dict[str, Any]
    run_id: UUID
    provider: Provider

    async def attempt(self) -> Sent:
        """Try once."""
        product, links = self.product, LinkKeeper(self.product.database, self.product.settings)
        sender = SendActivities(product.database, Library(), product.settings, {"email": self.provider}, links)
        at = At(run_id=self.run_id, step_id="thanks", now=datetime.now(UTC))
        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info, started_time=datetime.now(UTC), start_to_close_timeout=timedelta(minutes=10)
        )
        sent: Sent = await environment.run(sender.send_message, at)
        return sent

    async def message(self) -> Any:  # Any: a row
        """Its ledger row."""
        async with self.product.database.transaction() as session:
            return (await session.execute(text("SELECT * FROM message"))).one()

    async def execute(self, statement: str) -> None:
        async with self.product.database.transaction() as session:
            await session.execute(text(statement))


async def _sender(product: Product, provider: Provider, definition: str = _STOPPED) -> Sender:
    await product.publish(definition)
    posted = an_order()
    batches = Batches(batch_ids=(UUID((await product.post(posted))["id"]),))
    await MatchActivities(product.database, product.settings).match_contacts(batches)
    await DecideActivities(product.database, Library()).decide(batches)
    async with product.database.transaction() as session:
        run_id: UUID = (await session.execute(text("UPDATE run SET state = 'running' RETURNING id"))).scalar_one()
    return Sender(product, posted, run_id, provider)


async def test_the_days_in_which_a_provider_is_tried_begin_when_it_is_tried_first(product: Product) -> None:
    sender = await _sender(product, Provider([Later("451", "busy"), Later("451", "busy"), Later("451", "busy")]))
    await sender.execute("UPDATE automation SET state = 'paused'")
    assert (await sender.attempt()).state == "held"
    await sender.execute("UPDATE message SET created_at = created_at - interval '5 days'")
    await sender.execute("UPDATE automation SET state = 'live'")
    for _ in range(2):
        with pytest.raises(ApplicationError, match="busy"):
            await sender.attempt()
    row = await sender.message()
    assert (row.state, row.reason["attempts"]) == ("pending", 2)
    assert datetime.now(UTC) - datetime.fromisoformat(row.reason["since"]) < timedelta(minutes=5)
    ago = (datetime.now(UTC) - timedelta(days=3, minutes=1)).isoformat()
    await sender.execute(f"UPDATE message SET reason = reason || jsonb_build_object('since', '{ago}')")
    assert (await sender.attempt()).state == "failed"


async def test_a_run_that_sent_before_its_start_was_written_down_has_begun(product: Product) -> None:
    sender = await _sender(product, Provider())
    assert (await sender.attempt()).state == "sent"
    run = (await product.entries(sender.order, "run"))[0]
    assert run["startedAt"] is not None
    assert run["startedAt"] <= run["endedAt"]


async def test_a_message_that_was_put_off_is_not_sent_to_who_unsubscribed_since(product: Product) -> None:
    sender = await _sender(product, Provider([Later("451", "busy")]))
    with pytest.raises(ApplicationError, match="busy"):
        await sender.attempt()
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", [sender.order["email"]])
    assert await sender.attempt() == Sent(state="skipped", reason="unsubscribed", finished=True)
    assert len(sender.provider.got) == 1


@pytest.mark.parametrize(("how", "reason"), [("cancelled", "order_status"), ("unsubscribed", "unsubscribed")])
async def test_what_a_provider_may_have_is_not_repeated_after_its_stop(product: Product, how: str, reason: str) -> None:
    sender = await _sender(product, Provider([Later("no_answer", "gone", same=True)], takes_key=True))
    with pytest.raises(ApplicationError, match="gone"):
        await sender.attempt()
    assert (await sender.message()).state == "sending"
    if how == "cancelled":
        await product.post(sender.order | {"status": "CANCELLED"})
    else:
        async with product.database.transaction() as session:
            await unsubscribe(session, "email", [sender.order["email"]])
    sent = await sender.attempt()
    assert (sent.state, sent.reason) == ("unknown", reason)
    assert len(sender.provider.got) == 1


async def test_a_key_is_used_for_as_long_as_it_lives_also_after_a_long_pause(product: Product) -> None:
    sender = await _sender(product, Provider([Later("no_answer", "gone", same=True)], takes_key=True))
    with pytest.raises(ApplicationError, match="gone"):
        await sender.attempt()
    await sender.execute("UPDATE message SET created_at = created_at - interval '2 days'")
    assert (await sender.attempt()).state == "sent"
    first, second = sender.provider.got
    assert first == second


async def test_the_providers_answer_is_kept_until_postgresql_can_write_it_down(product: Product) -> None:
    sender = await _sender(product, Provider())
    await sender.execute("CREATE SEQUENCE times")
    await sender.execute("""
        CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('times') < 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NEW;
        END $$""")
    await sender.execute("""
        CREATE TRIGGER lose BEFORE UPDATE ON message FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION lose()""")
    assert (await sender.attempt()).state == "sent"
    assert (await sender.message()).state == "sent"
    assert len(sender.provider.got) == 1


@pytest.mark.parametrize("written", [" Sup@Example.COM", "sup@example.com"])
async def test_an_address_that_a_step_names_is_known_however_it_is_written(product: Product, written: str) -> None:
    named = _STOPPED.replace("template: thanks }", f'template: thanks, to: "{written}" }}')
    sender = await _sender(product, Provider(), named)
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", ["sup@example.com"])
    assert await sender.attempt() == Sent(state="skipped", reason="unsubscribed", finished=True)
