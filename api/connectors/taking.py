"""A webhook whose signature is right: once, fresh, checked and recorded as an order of a request would be."""

import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.connectors.answer import ConnectorAnswer
from api.connectors.webhook import Meaning, Webhook
from api.problems import Problem
from api.recording import Checked, check_orders, in_one_transaction, record_checked
from api.services import Services
from api.wire.answer import FieldErrorOut
from api.wire.body import parse_json
from store.deliveries import Delivery, settle_delivery, take_delivery

logger = logging.getLogger(__name__)


def object_of(body: bytes) -> dict[str, Any]:  # Any: JSON
    """The body's JSON object. Raises Problem 400."""
    payload = parse_json(body)
    if not isinstance(payload, dict):
        raise Problem(400, "not_an_object", "The body is no JSON object.", remedy="Let the platform send it as JSON.")
    return payload


async def take_webhook(services: Services, webhook: Webhook, meaning: Meaning) -> ConnectorAnswer:
    """Record what it brings. Raises Problem 400 for one that is too old, UnavailableError when nothing was stored."""
    if meaning.order is None:
        return ConnectorAnswer(outcome="ignored", reason=meaning.why_not)
    now = datetime.now(UTC)
    _require_fresh(meaning, now, timedelta(hours=services.settings.connector_replay_hours))
    order = {name: value for name, value in meaning.order.items() if value is not None} | {"storeId": webhook.shop}
    checked = check_orders(services.rules, [order])
    answer = await in_one_transaction(
        services.database, lambda session: _take(session, services, webhook, checked, now)
    )
    if answer.outcome == "refused":
        codes = ", ".join(f"{error.field} {error.code}" for error in answer.errors)
        logger.warning("a %s webhook of %s was refused: %s", webhook.platform, webhook.shop, codes)
    if answer.id:
        services.starter.start(answer.id)
    return answer


def _require_fresh(meaning: Meaning, now: datetime, window: timedelta) -> None:
    """The moment is in the signed body, so that somebody who caught a delivery cannot make it younger."""
    if meaning.changed_at is not None and meaning.changed_at < now - window:
        raise Problem(
            400,
            "delivery_too_old",
            f"The change it tells of is older than {window.total_seconds() / 3600:g} hours.",
            remedy="Import old orders with `ordercue orders import --historical`, or raise "
            "ORDERCUE_CONNECTOR_REPLAY_HOURS.",
        )


async def _take(
    session: AsyncSession, services: Services, webhook: Webhook, checked: Checked, now: datetime
) -> ConnectorAnswer:
    delivery = Delivery(
        webhook.platform,
        webhook.shop,
        _storable(webhook.delivery_id),
        _storable(webhook.topic),
        sha256(webhook.body).digest(),
    )
    if not await take_delivery(session, delivery, now):
        return ConnectorAnswer(outcome="duplicate", reason="this delivery, or one of the same content, came before")
    if checked.failed:
        errors = [FieldErrorOut.model_validate(one) for one in checked.failed[0].errors]
        failures = [{"field": error.field, "code": error.code} for error in errors]
        await settle_delivery(session, delivery, "refused", failures=failures)
        return ConnectorAnswer(outcome="refused", reason="it cannot be stored as an order; see errors", errors=errors)
    batch_id = await record_checked(
        session, checked, services.rules, source=f"connector:{webhook.platform}", historical=False, now=now
    )
    await settle_delivery(session, delivery, "recorded", batch_id=batch_id)
    return ConnectorAnswer(outcome="recorded", id=batch_id, external_order_id=checked.accepted[0].external_order_id)


def _storable(text: str) -> str:
    return text.replace("\0", "")
