"""webhook: calls an address of the user, signed as https://www.standardwebhooks.com asks, until it answers."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid5

import httpx
from standardwebhooks import Webhook
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.library import Library
from activities.stopping import find_stop
from automation.action_steps import WebhookStep
from automation.template import fill
from core.contracts import At, Passed
from core.document import dump_json, load_json
from core.outgoing import OutgoingRefusedError
from core.settings import Settings
from store import runs
from store.facts import event_facts
from store.run_context import load_run, run_facts
from store.session import Database
from store.step_results import find_result, record_results

_GIVE_UP_AFTER = timedelta(days=1)
"""An address that does not take a call for so long has failed, and the run goes on."""
_MOST_BYTES = 16 * 1024
"""Of an answer; of a longer one only the status is kept."""

Result = dict[str, Any]  # Any: JSON


class _AgainError(Exception):
    """The call did not succeed; another one may."""


@dataclass(frozen=True)
class _Call:
    url: str
    body: str
    seconds: float


@dataclass(frozen=True)
class WebhookActivities:
    """Calls of addresses that users wrote."""

    database: Database
    library: Library
    settings: Settings
    http: httpx.AsyncClient

    @activity.defn
    async def call_webhook(self, at: At) -> Passed:
        """Keeps `state` (ok, failed), `status` and `answer` as the step's result; raises when Temporal is to try again.

        The same `webhook-id` stands in every attempt, so that the receiver can tell a repetition.
        """
        call = await self._prepare(at)
        if isinstance(call, Passed):
            return call
        info = activity.info()
        try:
            result = await self._call(call, f"msg_{uuid5(at.run_id, at.step_id).hex}")
        except _AgainError as error:
            if info.started_time - info.scheduled_time < _GIVE_UP_AFTER:
                raise ApplicationError(str(error), type="Again", category=ApplicationErrorCategory.BENIGN) from None
            result = {"state": "failed", "reason": f"{error}; it was tried for a day"}
        async with self.database.transaction() as session:
            await record_results(session, at.run_id, {at.step_id: result})
        return Passed()

    async def _prepare(self, at: At) -> _Call | Passed:
        async with self.database.transaction() as session:
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Passed(stop=stop)
            if await find_result(session, at.run_id, at.step_id) is not None:
                return Passed()
            await runs.set_step(session, at.run_id, at.step_id)
            step = (await self.library.flow(session, context.version_id)).steps[at.step_id]
            if not isinstance(step, WebhookStep):
                raise ApplicationError(f"step {at.step_id} is no webhook", non_retryable=True)
            facts = await run_facts(session, context, order_version=at.order_version, now=at.now)
        params = event_facts(context.row)
        body = {
            "type": "automation.webhook",
            "timestamp": at.now,
            "data": {
                "automation": context.row["automation_name"],
                "runId": at.run_id,
                "step": at.step_id,
                "test": context.row["test"],
                "params": {name: fill(v, params) if isinstance(v, str) else v for name, v in step.params.items()},
                "event": facts["event"],
                "order": facts["order"],
            },
        }
        url = fill(step.url, {name: quote(str(value), safe="") for name, value in params.items()})
        return _Call(url, dump_json(body).decode(), float(step.timeout.seconds))

    async def _call(self, call: _Call, message_id: str) -> Result:
        secret = self.settings.webhook_secret
        if secret is None:
            return {"state": "failed", "reason": "nothing to sign with: set ORDERCUE_WEBHOOK_SECRET"}
        now = datetime.now(UTC)  # the receiver's clock, not the workflow's
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret.get_secret_value()).sign(message_id, now, call.body),
        }
        try:
            async with (
                asyncio.timeout(call.seconds),
                self.http.stream("POST", call.url, content=call.body, headers=headers) as response,
            ):
                body = await _bounded(response)
        except OutgoingRefusedError as error:
            return {"state": "failed", "reason": str(error)}
        except TimeoutError:
            raise _AgainError(f"no answer within {call.seconds:g} seconds") from None
        except httpx.InvalidURL:
            return {"state": "failed", "reason": "the address is not one"}
        except httpx.HTTPError as error:
            raise _AgainError(f"the call failed: {type(error).__name__}") from None
        status = response.status_code
        if status in {408, 425, 429} or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _AgainError(f"the answer was {status}")
        if not response.is_success:
            return {"state": "failed", "status": status, "reason": f"the answer was {status}"}
        return {"state": "ok", "status": status, "answer": _answer(body)}


async def _bounded(response: httpx.Response) -> bytes:
    """The body; empty when it is longer than we keep."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MOST_BYTES:
            return b""
    return bytes(body)


def _answer(body: bytes) -> Any:  # Any: JSON
    """JSON, else text, else None. PostgreSQL keeps no NUL."""
    try:
        answer = load_json(body) if body else None
    except (ValueError, RecursionError):
        answer = body.decode(errors="replace")
    return None if "\\u0000" in dump_json(answer).decode() else answer
