"""What the bare workflow that sends mails calls: aiosmtplib on one connection that is kept."""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtplib import SMTP
from temporalio import activity

from bench.bare import Nothing
from core.settings import Settings

BARE_MAIL = "BareMail"
_HTML = "<p>Order {number}: 200</p><p>Cup</p>"


@dataclass
class BareMailActivities:
    """Mails without a ledger, a last look or a template."""

    settings: Settings
    _server: SMTP | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @activity.defn
    async def send_bare_mail(self, nothing: Nothing) -> Nothing:
        """One mail of about the product's size."""
        message = EmailMessage()
        message["From"], message["To"] = self.settings.mail_from, f"bare-{nothing.number}@example.com"
        message["Subject"] = "Thank you"
        message.set_content(f"Order {nothing.number}: 200")
        message.add_alternative(_HTML.format(number=nothing.number), subtype="html")
        async with self._lock:
            if self._server is None or not self._server.is_connected:  # as the product does after an idle while
                self._server = SMTP(hostname=self.settings.smtp_host, port=self.settings.smtp_port, start_tls=False)
                await self._server.connect()
        await self._server.send_message(message)
        return nothing
