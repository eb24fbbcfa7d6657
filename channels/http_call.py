"""One request to a provider over HTTP, and what its trouble means for the message."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from channels.base import Accepted, Later, Outcome, Refused, Unknown
from channels.reason import scrub
from core.outgoing import OutgoingRefusedError

_LONGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer."""
_LONGEST_DELAY = 24 * 3600.0
_LATER = frozenset({408, 425, 429})
_FROM_A_GATEWAY = frozenset({502, 504})
"""Said by a machine between us and the provider: whether the provider has the message is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole or its beginning."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_success(self) -> bool:
        """A status of 2xx."""
        return httpx.codes.is_success(self.status)

    def json(self) -> Any:  # Any: whatever the provider says
        """The body as JSON; None if it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def member(self, name: str) -> Any:  # Any: whatever the provider says
        """One member of the JSON object; None if there is none."""
        document = self.json()
        return document.get(name) if isinstance(document, dict) else None


@dataclass(frozen=True)
class Caller:
    """Calls one provider. `takes_key` says that the provider drops repetitions by key."""

    client: httpx.AsyncClient
    timeout_seconds: float
    takes_key: bool

    async def call(self, request: httpx.Request, address: str) -> Answer | Refused | Later | Unknown:
        """Send the request once. `address` is kept out of the reason. Raises nothing but cancellation."""
        request.extensions["timeout"] = httpx.Timeout(self.timeout_seconds).as_dict()
        try:
            async with asyncio.timeout(self.timeout_seconds * 2):
                return await self._answer(request)
        except OutgoingRefusedError as error:
            return Refused("host_refused", str(error))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Later("unreachable", _words(error, address))
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:  # nothing was sent
            return Refused("bad_request", _words(error, address))
        except (httpx.HTTPError, OSError) as error:
            return self.unsure("no_answer", _words(error, address))

    def unsure(self, code: str, reason: str) -> Later | Unknown:
        """The request was sent and its outcome is not known."""
        return Later(code, reason, same=True) if self.takes_key else Unknown(code, reason)

    def accepted(self, provider_id: object) -> Outcome:
        """The outcome of a success with this id."""
        if isinstance(provider_id, str | int) and str(provider_id):
            return Accepted(str(provider_id)[:200])
        return self.unsure("broken_answer", "the provider answered a success without an id")

    def no_success(self, answer: Answer, code: object, reason: object, address: str) -> Outcome:
        """The outcome of a status that is no success, by the provider's words or else by the status alone."""
        status = f"http_{answer.status}"
        code = scrub(str(code or ""), address) or status
        words = scrub(f"{answer.status} {reason or httpx.codes.get_reason_phrase(answer.status)}", address)
        if answer.status == httpx.codes.UNAUTHORIZED:
            return Later("auth_failed", words)
        if answer.status in _FROM_A_GATEWAY:
            return self.unsure(status, words)
        if answer.status in _LATER or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Later(code, words, retry_after(answer.headers.get("Retry-After")))
        return Refused(code, words)

    async def _answer(self, request: httpx.Request) -> Answer:
        response = await self.client.send(request, stream=True)
        try:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) >= _LONGEST_ANSWER:
                    break
            return Answer(response.status_code, response.headers, bytes(body[:_LONGEST_ANSWER]))
        finally:
            await response.aclose()


def provider_client() -> httpx.AsyncClient:
    """A client for the addresses of known providers; it keeps connections."""
    return httpx.AsyncClient(trust_env=False)


def retry_after(text: object) -> float | None:
    """Seconds of a Retry-After, a number or a date, a day at most; None if there is none."""
    try:
        seconds = float(str(text))
    except ValueError:
        try:
            date = parsedate_to_datetime(str(text))
        except (ValueError, OverflowError):
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_DELAY) if seconds == seconds else None  # noqa: PLR0124 - NaN


def _words(error: Exception, address: str) -> str:
    return scrub(str(error), address) or ("no answer in time" if _is_timeout(error) else "connection lost")


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, TimeoutError | httpx.TimeoutException)
