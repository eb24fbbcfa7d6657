"""What each trouble of an SMTP server means for the message."""

import asyncio
from typing import Any

import pytest

from channels.base import Accepted, Later, Outcome, Outgoing, Refused, Unknown
from channels.smtp_outcome import SmtpCode
from channels.smtp_session import SessionFault
from tests.channels.builders import channel, outgoing
from tests.channels.servers import Act, Answer, ScriptedServer

_SHORT = 0.15
"""Seconds that a hanging server is given."""
_LARGE = "x" * 74 + "\n"
"""A line of a mail that fits into no socket buffer once it stands there often enough."""


async def _send(server: ScriptedServer, message: Outgoing | None = None, **options: Any) -> Outcome:
    async with server.running(), channel(server.port, **options) as sender:
        return await sender.send(message or outgoing())


@pytest.mark.parametrize(
    ("place", "answer", "code"),
    [
        ("MAIL", "550 5.7.1 not you", SmtpCode.SENDER_REFUSED),
        ("RCPT", "550 5.1.1 no such user", SmtpCode.RECIPIENT_REFUSED),
        ("RCPT", "521 no mail here", SmtpCode.RECIPIENT_REFUSED),
        ("DATA", "554 no valid recipients", SmtpCode.CONTENT_REFUSED),
        ("DOT", "554 5.7.1 looks like spam", SmtpCode.CONTENT_REFUSED),
    ],
)
async def test_5xx_is_a_refusal(place: str, answer: Answer, code: SmtpCode) -> None:
    outcome = await _send(ScriptedServer(**{place: answer}))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.reason) == (code, answer)


@pytest.mark.parametrize("place", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_4xx_is_for_later(place: str) -> None:
    outcome = await _send(ScriptedServer(**{place: "451 4.3.0 try again"}))
    assert outcome == Later(SmtpCode.DEFERRED, "451 4.3.0 try again")


@pytest.mark.parametrize("place", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
async def test_421_is_for_later_at_every_place(place: str) -> None:
    outcome = await _send(ScriptedServer(**{place: "421 4.3.2 shutting down"}))
    assert outcome == Later(SessionFault.SERVER_BUSY, "421 4.3.2 shutting down")


async def test_a_greeting_that_refuses_everyone_burns_no_message() -> None:
    outcome = await _send(ScriptedServer(GREETING="554 no service for you"))
    assert outcome == Later(SessionFault.SERVER_BUSY, "554 no service for you")


@pytest.mark.parametrize("place", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_content_is_for_later(place: str) -> None:
    assert isinstance(await _send(ScriptedServer(**{place: Act.CLOSE})), Later)


@pytest.mark.parametrize("place", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_before_the_content_is_for_later(place: str) -> None:
    outcome = await _send(ScriptedServer(**{place: Act.HANG}), timeout_seconds=_SHORT)
    assert outcome == Later(SmtpCode.TIMEOUT, "no answer in time")


async def test_a_connection_lost_within_the_content_is_for_later() -> None:
    outcome = await _send(ScriptedServer(CONTENT=Act.CLOSE), outgoing(text=_LARGE * 200_000))
    assert isinstance(outcome, Later)
    assert outcome.code == SmtpCode.DISCONNECTED


async def test_a_server_that_stops_reading_within_the_content_is_for_later() -> None:
    server = ScriptedServer(CONTENT=Act.HANG)
    outcome = await _send(server, outgoing(text=_LARGE * 200_000), timeout_seconds=0.5)
    assert outcome == Later(SmtpCode.TIMEOUT, "no answer in time")


async def test_a_refusal_within_the_content_is_a_refusal() -> None:
    server = ScriptedServer(CONTENT="552 5.3.4 too large")
    outcome = await _send(server, outgoing(text=_LARGE * 200_000))
    assert outcome == Refused(SmtpCode.CONTENT_REFUSED, "552 5.3.4 too large")


async def test_a_connection_lost_after_the_final_dot_leaves_it_unknown() -> None:
    server = ScriptedServer(DOT=Act.CLOSE)
    outcome = await _send(server)
    assert isinstance(outcome, Unknown)
    assert outcome.code == SmtpCode.NO_RECEIPT
    assert len(server.contents) == 1


async def test_no_answer_to_the_final_dot_leaves_it_unknown() -> None:
    outcome = await _send(ScriptedServer(DOT=Act.HANG), timeout_seconds=_SHORT)
    assert outcome == Unknown(SmtpCode.NO_RECEIPT, "no answer in time")


@pytest.mark.parametrize("answer", ["354 what more", "hello"])
async def test_an_answer_to_the_final_dot_that_makes_no_sense_leaves_it_unknown(answer: str) -> None:
    assert isinstance(await _send(ScriptedServer(DOT=answer)), Unknown)


async def test_a_large_message_arrives_whole() -> None:
    server = ScriptedServer()
    outcome = await _send(server, outgoing(text=_LARGE * 100_000, html=None))
    assert isinstance(outcome, Accepted)
    assert server.contents[0].count(b"x" * 74) == 100_000


async def test_a_login_that_is_refused_burns_no_message() -> None:
    outcome = await _send(ScriptedServer(AUTH="535 5.7.8 wrong password"), username="shop", password="secret")
    assert outcome == Later(SessionFault.AUTH_FAILED, "535 5.7.8 wrong password")


async def test_a_server_that_wants_a_login_burns_no_message() -> None:
    outcome = await _send(ScriptedServer(MAIL="530 5.7.0 authentication required"))
    assert outcome == Later(SessionFault.AUTH_FAILED, "530 5.7.0 authentication required")


async def test_a_login_that_the_server_does_not_know_is_for_later() -> None:
    outcome = await _send(ScriptedServer(EHLO="250 mail.test"), username="shop", password="secret")
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.AUTH_FAILED


async def test_a_refused_connection_is_for_later() -> None:
    async with ScriptedServer().running() as server:
        port = server.port
    async with channel(port) as sender:
        outcome = await sender.send(outgoing())
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.UNREACHABLE


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70 + ".invalid"])
async def test_a_host_that_cannot_be_found_is_for_later(host: str) -> None:
    async with channel(25, host=host) as sender:
        outcome = await sender.send(outgoing())
    assert isinstance(outcome, Later)
    assert outcome.code == SessionFault.UNREACHABLE


async def test_the_reason_names_no_customer() -> None:
    server = ScriptedServer(RCPT="550 5.1.1 <anna@customer.test>: user anna unknown")
    outcome = await _send(server)
    assert outcome == Refused(SmtpCode.RECIPIENT_REFUSED, "550 5.1.1 <address>: user <address> unknown")


@pytest.mark.parametrize(
    "address", ["", "anna", "@customer.test", "anna@", "a b@c.test", "a@b.test\r\nRCPT TO:<x@y.test>", "<a@b.test"]
)
async def test_an_address_that_is_none_is_refused_without_a_connection(address: str) -> None:
    server = ScriptedServer()
    outcome = await _send(server, outgoing(address=address))
    assert isinstance(outcome, Refused)
    assert outcome.code == SmtpCode.BAD_MESSAGE
    assert server.sessions == []


async def test_an_address_that_the_server_cannot_write_is_refused() -> None:
    outcome = await _send(ScriptedServer(EHLO="250 mail.test"), outgoing(address="анна@customer.test"))
    assert isinstance(outcome, Refused)
    assert outcome.code == SmtpCode.SMTPUTF8_NEEDED


async def test_a_server_that_knows_no_ehlo_is_greeted_with_helo() -> None:
    server = ScriptedServer(EHLO="502 unknown command")
    assert isinstance(await _send(server), Accepted)
    assert server.sessions[0][1].startswith("HELO")


@pytest.mark.parametrize(
    ("answer", "provider_id"),
    [
        ("250 2.0.0 Ok: queued as 4VxK123", "4VxK123"),
        ("250 OK id=1tABCd-0007ab-XY", "1tABCd-0007ab-XY"),
        ("250 Ok 010001928c5f-77aa-000000", "010001928c5f-77aa-000000"),
    ],
)
async def test_the_id_that_the_server_gave_is_kept(answer: str, provider_id: str) -> None:
    assert await _send(ScriptedServer(DOT=answer)) == Accepted(provider_id)


@pytest.mark.parametrize("answer", ["250 OK", "250 Message accepted for delivery"])
async def test_without_an_id_of_the_server_the_message_id_is_kept(answer: str) -> None:
    message = outgoing()
    assert await _send(ScriptedServer(DOT=answer), message) == Accepted(f"<{message.id}@shop.test>")


async def test_a_cancelled_send_leaves_room_for_the_next() -> None:
    server = ScriptedServer(DOT=[Act.HANG])
    async with server.running(), channel(server.port, limits={"size": 1}) as sender:
        first = asyncio.create_task(sender.send(outgoing()))
        await server.reached("DOT")
        first.cancel()
        assert isinstance(await sender.send(outgoing()), Accepted)
        assert (await asyncio.gather(first, return_exceptions=True))[0].__class__ is asyncio.CancelledError
