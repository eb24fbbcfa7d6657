"""How sessions are kept, replaced and ended."""

import asyncio

import pytest

from channels.base import Accepted, Later, Refused
from channels.smtp import SmtpChannel
from tests.channels.builders import channel, outgoing
from tests.channels.servers import Act, ScriptedServer


async def _send_times(sender: SmtpChannel, times: int) -> None:
    for _ in range(times):
        assert isinstance(await sender.send(outgoing()), Accepted)


async def test_one_session_carries_message_after_message() -> None:
    async with ScriptedServer().running() as server, channel(server.port) as sender:
        await _send_times(sender, 3)
        assert len(server.sessions) == 1
        assert len(server.contents) == 3


async def test_a_session_ends_after_its_number_of_messages() -> None:
    async with ScriptedServer().running() as server, channel(server.port, limits={"messages": 2}) as sender:
        await _send_times(sender, 3)
        assert len(server.sessions) == 2
        assert server.sessions[0][-1] == "QUIT"


async def test_a_session_at_rest_ends_after_its_seconds() -> None:
    async with ScriptedServer().running() as server, channel(server.port, limits={"idle_seconds": 0.01}) as sender:
        await _send_times(sender, 1)
        await server.reached("QUIT")
        await _send_times(sender, 1)
        assert len(server.sessions) == 2


async def test_a_session_that_the_server_closed_at_rest_is_replaced() -> None:
    async with ScriptedServer().running() as server, channel(server.port) as sender:
        await _send_times(sender, 1)
        await server.hang_up()
        await _send_times(sender, 1)
        assert len(server.sessions) == 2


@pytest.mark.parametrize("goodbye", ["421 4.4.2 idle too long", Act.CLOSE])
async def test_a_goodbye_to_a_session_that_rested_costs_no_attempt(goodbye: str | Act) -> None:
    server = ScriptedServer(MAIL=["250 OK", goodbye])
    async with server.running(), channel(server.port) as sender:
        await _send_times(sender, 2)
        assert len(server.sessions) == 2


async def test_a_goodbye_to_a_new_session_is_an_outcome() -> None:
    server = ScriptedServer(MAIL=["421 4.3.2 shutting down"])
    async with server.running(), channel(server.port) as sender:
        assert isinstance(await sender.send(outgoing()), Later)
        assert len(server.sessions) == 1
        await _send_times(sender, 1)
        assert len(server.sessions) == 2


async def test_a_session_whose_content_was_taken_is_never_asked_again_for_the_same_message() -> None:
    server = ScriptedServer(DOT=["250 OK", Act.CLOSE])
    async with server.running(), channel(server.port) as sender:
        await _send_times(sender, 1)
        await sender.send(outgoing())
        assert len(server.contents) == 2


async def test_a_refused_recipient_costs_no_session() -> None:
    server = ScriptedServer(RCPT=["550 5.1.1 no such user"])
    async with server.running(), channel(server.port) as sender:
        assert isinstance(await sender.send(outgoing()), Refused)
        await _send_times(sender, 1)
        assert len(server.sessions) == 1
        assert "RSET" in server.sessions[0]


async def test_no_more_sessions_than_allowed_are_open_at_once() -> None:
    async with ScriptedServer().running() as server, channel(server.port, limits={"size": 3}) as sender:
        outcomes = await asyncio.gather(*(sender.send(outgoing()) for _ in range(20)))
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert len(server.sessions) == 3


async def test_a_message_that_waits_too_long_for_a_session_is_for_later() -> None:
    server = ScriptedServer(MAIL=Act.HANG)
    async with server.running(), channel(server.port, limits={"size": 1}, timeout_seconds=0.1) as sender:
        outcomes = await asyncio.gather(*(sender.send(outgoing()) for _ in range(3)))
        assert all(isinstance(outcome, Later) for outcome in outcomes)


async def test_closing_says_goodbye() -> None:
    async with ScriptedServer().running() as server:
        async with channel(server.port) as sender:
            await _send_times(sender, 1)
        await server.reached("QUIT")


async def test_a_session_in_use_while_the_channel_closes_ends_when_it_comes_back() -> None:
    server = ScriptedServer()
    async with server.running():
        async with channel(server.port) as sender:
            connection = await sender.pool.acquire()
        sender.pool.release(connection)
        await server.reached("QUIT")
