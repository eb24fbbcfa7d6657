"""A mailbox on free ports, and ways to send to it and look at it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiosmtplib import SMTP

from channels.base import Outgoing
from channels.mail import compose
from cli.mailbox import MailboxAddresses, serve_mailbox


@dataclass
class Mailbox:
    """What a test does with a mailbox."""

    addresses: MailboxAddresses
    http: httpx.AsyncClient

    async def send(self, **changes: Any) -> None:  # Any: the fields of a message
        """One mail to Anna, made as the product makes it."""
        message = {
            "id": uuid.uuid4(),
            "address": "anna@customer.test",
            "sender": "Shop <orders@shop.test>",
            "subject": "Your order",
            "text": "Thank you",
            **changes,
        }
        mail = compose(Outgoing(**message))
        await self.send_source(mail.content, sender=mail.sender, recipients=[mail.recipient])

    async def send_source(
        self, *sources: bytes, sender: str = "orders@shop.test", recipients: Sequence[str] = ("anna@customer.test",)
    ) -> None:
        """Each of these very bytes, in one session."""
        client = SMTP(hostname=self.addresses.smtp_host, port=self.addresses.smtp_port, local_hostname="client.test")
        async with client:
            for source in sources:
                await client.sendmail(sender, recipients, source, mail_options=["SMTPUTF8"])

    async def messages(self, **query: object) -> list[dict[str, Any]]:  # Any: JSON
        """The list, by the API."""
        answer = await self.http.get("/api/messages", params={name: str(value) for name, value in query.items()})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["messages"]  # Any: JSON
        return found

    async def message(self, key: str) -> dict[str, Any]:  # Any: JSON
        """One message, by the API."""
        answer = await self.http.get(f"/api/messages/{key}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()  # Any: JSON
        return found


@asynccontextmanager
async def running_mailbox(folder: Path, *, keep: int = 10_000) -> AsyncIterator[Mailbox]:
    """A mailbox as long as the block."""
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve_mailbox(smtp_host="127.0.0.1", smtp_port=0, http_port=0, folder=folder, ready=ready.set_result, keep=keep)
    )
    try:
        await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        addresses: MailboxAddresses = ready.result()
        async with httpx.AsyncClient(base_url=addresses.url, trust_env=False) as http:
            yield Mailbox(addresses, http)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
