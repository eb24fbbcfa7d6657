"""Mail through aiosmtpd, a real server, in clear and encrypted."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from channels.base import Accepted, AddressKind, Later
from channels.registry import build_channels
from channels.smtp_session import SessionFault
from core.settings import Settings
from tests.channels.builders import channel, outgoing
from tests.channels.servers import AUTHORITY, KeepingHandler, aiosmtpd_server


@pytest.fixture
def handler() -> KeepingHandler:
    return KeepingHandler()


def _received(handler: KeepingHandler) -> EmailMessage:
    (envelope,) = handler.envelopes
    return message_from_bytes(envelope.original_content or b"", policy=policy.default)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


async def test_a_mail_arrives_with_both_parts(handler: KeepingHandler) -> None:
    async with aiosmtpd_server(handler) as port, channel(port) as sender:
        message = outgoing(subject="Дякуємо 🎉", text="Ваше замовлення", html="<p>Ваше <b>замовлення</b></p>")
        assert isinstance(await sender.send(message), Accepted)
    received = _received(handler)
    text, html = received.get_body(("plain",)), received.get_body(("html",))
    assert received["Subject"] == "Дякуємо 🎉"
    assert received["Message-ID"] == f"<{message.id}@shop.test>"
    assert text is not None
    assert html is not None
    assert (text.get_content(), html.get_content()) == ("Ваше замовлення\r\n", "<p>Ваше <b>замовлення</b></p>\r\n")
    assert handler.envelopes[0].rcpt_tos == ["anna@customer.test"]
    assert handler.envelopes[0].mail_from == "orders@shop.test"


async def test_lines_of_dots_arrive_as_they_were(handler: KeepingHandler) -> None:
    async with aiosmtpd_server(handler) as port, channel(port) as sender:
        await sender.send(outgoing(text=".\n..\n.end", html=None))
    assert _received(handler).get_content() == ".\r\n..\r\n.end\r\n"


async def test_an_address_in_any_script_arrives(handler: KeepingHandler) -> None:
    async with aiosmtpd_server(handler) as port, channel(port) as sender:
        assert isinstance(await sender.send(outgoing(address="анна@customer.test")), Accepted)
    assert handler.envelopes[0].rcpt_tos == ["анна@customer.test"]
    assert _received(handler)["To"] == "анна@customer.test"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_mail_goes_encrypted(handler: KeepingHandler, tls: str) -> None:
    async with (
        aiosmtpd_server(handler, tls=tls) as port,
        channel(port, host="localhost", tls=tls, tls_context=_trusting()) as sender,
    ):
        assert isinstance(await sender.send(outgoing(text="x" * 300_000)), Accepted)
        assert isinstance(await sender.send(outgoing()), Accepted)
    assert len(handler.envelopes) == 2


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(handler: KeepingHandler, tls: str) -> None:
    async with (
        aiosmtpd_server(handler, tls=tls) as port,
        channel(port, host="localhost", tls=tls, tls_context=ssl.create_default_context()) as sender,
    ):
        outcome = await sender.send(outgoing())
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.TLS_FAILED
    assert handler.envelopes == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_without_encryption_gets_nothing_when_it_is_asked_for(handler: KeepingHandler, tls: str) -> None:
    async with aiosmtpd_server(handler) as port, channel(port, tls=tls, tls_context=_trusting()) as sender:
        outcome = await sender.send(outgoing())
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.TLS_FAILED
    assert handler.envelopes == []


async def test_a_login_lets_mail_through(handler: KeepingHandler) -> None:
    async with (
        aiosmtpd_server(handler, tls="starttls", password="secret") as port,
        channel(
            port, host="localhost", tls="starttls", tls_context=_trusting(), username="shop", password="secret"
        ) as sender,
    ):
        assert isinstance(await sender.send(outgoing()), Accepted)


async def test_a_wrong_password_is_for_later(handler: KeepingHandler) -> None:
    async with (
        aiosmtpd_server(handler, tls="starttls", password="secret") as port,
        channel(
            port, host="localhost", tls="starttls", tls_context=_trusting(), username="shop", password="guess"
        ) as sender,
    ):
        outcome = await sender.send(outgoing())
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.AUTH_FAILED


async def test_the_settings_make_an_email_channel(handler: KeepingHandler) -> None:
    async with aiosmtpd_server(handler) as port:
        channels = build_channels(Settings(smtp_host="127.0.0.1", smtp_port=port))
        sender = channels["email"]
        assert (sender.name, sender.takes_key, sender.address_kind) == ("email", False, AddressKind.EMAIL)
        assert isinstance(await sender.send(outgoing()), Accepted)
        await sender.close()
