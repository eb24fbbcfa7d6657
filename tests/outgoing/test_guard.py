"""Addresses that users write lead to the public internet alone."""

import asyncio
import socket

import httpx
import pytest

from core.outgoing import OutgoingRefusedError, guarded_client
from core.settings import Settings

NOT_PUBLIC = [
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "localhost",
]  # fmt: skip


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """DNS answers these addresses, one list a question."""
    given = iter(answers)

    async def getaddrinfo(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in next(given)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("host", NOT_PUBLIC)
async def test_an_address_of_our_own_network_is_refused(host: str) -> None:
    async with guarded_client(Settings()) as client:
        with pytest.raises(OutgoingRefusedError, match="ORDERCUE_OUTGOING_ALLOWED_HOSTS"):
            await client.get(f"https://{host}/latest/meta-data")


async def test_a_name_that_leads_there_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    async with guarded_client(Settings()) as client:
        with pytest.raises(OutgoingRefusedError):
            await client.get("https://shop.example/")


async def test_a_redirect_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving(monkeypatch, ["93.184.216.34"], ["169.254.169.254"])
    inner = httpx.MockTransport(lambda _: httpx.Response(302, headers={"Location": "https://inside.example/"}))
    async with guarded_client(Settings(), inner=inner) as client:
        with pytest.raises(OutgoingRefusedError):
            await client.get("https://shop.example/", follow_redirects=True)


async def test_the_address_that_was_looked_at_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS that answers otherwise a moment later (rebinding) is not asked again; the certificate is the name's."""
    _resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(204)

    async with guarded_client(Settings(), inner=httpx.MockTransport(answer)) as client:
        await client.get("https://shop.example/hook")
    assert seen == [("93.184.216.34", "shop.example", "shop.example")]


async def test_a_setting_allows_a_host() -> None:
    settings = Settings(outgoing_allowed_hosts=("localhost",))
    inner = httpx.MockTransport(lambda request: httpx.Response(200, text=request.url.host))
    async with guarded_client(settings, inner=inner) as client:
        assert (await client.get("https://localhost/hook")).text == "localhost"
