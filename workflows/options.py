"""Timeouts and retries, each under the name of what they are for."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class _Local(TypedDict):
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class _Ordinary(_Local):
    heartbeat_timeout: timedelta


_UNSEEN = timedelta(seconds=10)
"""Without a sign of life for so long, a worker counts as dead and another takes over."""

DATABASE: _Local = {
    "start_to_close_timeout": timedelta(seconds=30),
    # without a limit: while PostgreSQL is away nothing is lost, everything waits
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30), backoff_coefficient=2
    ),
}
"""A short transaction, run as a local activity."""

FEW_CALLS: _Local = DATABASE
"""A handful of starts and signals with the transactions around them: no longer than a transaction."""

DISPATCH: _Ordinary = {
    "start_to_close_timeout": timedelta(minutes=30),
    "heartbeat_timeout": _UNSEEN,
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
}
"""Many starts and signals, resumable."""

WEBHOOK: _Local = {
    "start_to_close_timeout": timedelta(seconds=90),
    # without a limit: the activity itself gives up, by its age
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=30), backoff_coefficient=3
    ),
}
"""One call of an address that a user wrote; it is awaited a minute at most."""

SEND: _Ordinary = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": _UNSEEN,
    # without a limit: the activity itself gives up, by the message's lateness and by its age
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5), backoff_coefficient=3
    ),
}
"""One call of a provider."""

BACKTEST: _Ordinary = {
    "start_to_close_timeout": timedelta(hours=6),
    "heartbeat_timeout": timedelta(minutes=2),  # counting the events comes before the first page
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=5), maximum_attempts=3),
}
"""A long reading; after a few failures its author decides whether to ask again."""
