import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.base import Outgoing
from channels.smtp import SmtpChannel
from channels.smtp_connection import Connection
from channels.smtp_pool import Pool
from channels.smtp_session import SmtpServer


def outgoing(**changes: Any) -> Outgoing:  # Any: the fields differ in type
    """A message to Anna."""
    return Outgoing(
        **{
            "id": uuid.uuid4(),
            "address": "anna@customer.test",
            "sender": "Shop <orders@shop.test>",
            "subject": "Your order",
            "text": "Thank you",
            "html": "<p>Thank you</p>",
            **changes,
        }
    )


@asynccontextmanager
async def channel(
    port: int, *, timeout_seconds: float = 5.0, limits: dict[str, Any] | None = None, **server: Any
) -> AsyncIterator[SmtpChannel]:  # Any: the fields differ in type
    """A channel to a server of this machine. `limits` are those of the pool."""
    where = SmtpServer(**{"host": "127.0.0.1", "port": port, "local_name": "client.test", **server})
    made = SmtpChannel(Pool(lambda: Connection.open(where), **(limits or {})), timeout_seconds=timeout_seconds)
    try:
        yield made
    finally:
        await made.close()
