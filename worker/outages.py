"""What Temporal is told of an activity that PostgreSQL failed: nothing personal, and no stack trace for each attempt.

A server that is away is said once a minute.
"""

import logging
import time
from typing import Any

from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from core.errors import UnavailableError
from store.session import is_conflict

logger = logging.getLogger(__name__)

_SAY_EVERY_SECONDS = 60.0
_LONGEST = 200
"""Characters of a statement; values are never in it."""


class QuietOutages(Interceptor):
    """Turns UnavailableError into a benign failure that Temporal retries without logging it."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 # the SDK's name
        """Wrap every activity."""
        return _Quiet(next, self)

    def say(self, what: str) -> None:
        """Log an outage unless that was done within a minute."""
        now = time.monotonic()
        if now - self._said.get(what, -_SAY_EVERY_SECONDS) >= _SAY_EVERY_SECONDS:
            self._said[what] = now
            logger.warning("%s; activities wait and try again", what)


class _Quiet(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, outages: QuietOutages) -> None:
        super().__init__(next_)
        self._outages = outages

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 # the SDK's name; Any: its result
        try:
            return await super().execute_activity(input)
        except UnavailableError as error:
            self._outages.say(str(error))
            raise ApplicationError(str(error), type="Unavailable", category=ApplicationErrorCategory.BENIGN) from None
        except DBAPIError as error:  # its text, and what it came from, may quote what a row holds
            told = f"{type(error.orig).__name__} of {' '.join((error.statement or '').split())[:_LONGEST]}"
            conflict = ApplicationErrorCategory.BENIGN if is_conflict(error) else ApplicationErrorCategory.UNSPECIFIED
            raise ApplicationError(told, type="Database", category=conflict) from None
