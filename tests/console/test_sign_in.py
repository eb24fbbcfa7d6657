"""The way in, over HTTP and by WebSocket."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from store import users
from store.tables.user import Role
from tests.console.browser import PASSWORD, Console
from tests.product import Product


async def _handshake(url: str, **headers: str) -> int:
    """Status of a WebSocket handshake."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    lines = {
        "Host": where.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n{head}\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


async def test_people_sign_in_and_out(console: Console, product: Product) -> None:
    origin = {"Origin": console.url}
    async with httpx.AsyncClient(base_url=console.url, trust_env=False, headers=origin) as http:
        sent_away = await http.get("/orders?status=DELIVERED")
        assert sent_away.headers["location"] == "/sign-in?next=/orders%3Fstatus%3DDELIVERED"

        form = {"email": "Admin@Example.com", "password": "not the password", "next": "/orders?status=DELIVERED"}
        wrong = await http.post("/sign-in", data=form)
        assert wrong.status_code == 401
        assert "E-mail or password is wrong." in wrong.text
        nobody = await http.post("/sign-in", data={**form, "email": "nobody@example.com"})
        assert "E-mail or password is wrong." in nobody.text

        right = await http.post("/sign-in", data={**form, "password": PASSWORD})
        assert right.headers["location"] == "/orders?status=DELIVERED"
        assert {"HttpOnly", "SameSite=lax"} <= set(right.headers["set-cookie"].split("; "))
        assert (await http.get("/orders")).status_code == 200

        away = await http.post("/sign-in", data={**form, "password": PASSWORD, "next": "//evil.example/"})
        assert away.headers["location"] == "/"

        await http.post("/sign-out")
        assert (await http.get("/orders")).status_code == 303
    async with product.database.transaction() as session:
        assert PASSWORD not in str([user.password_hash for user in await users.list_users(session)])


async def test_guessing_is_slowed_down(console: Console) -> None:
    async with httpx.AsyncClient(base_url=console.url, trust_env=False, headers={"Origin": console.url}) as http:
        guess = {"email": "viewer@example.com", "password": "a wrong password"}
        answers = [(await http.post("/sign-in", data=guess)).status_code for _ in range(10)]
        assert answers == [401] * 8 + [429] * 2
        right = await http.post("/sign-in", data={"email": "viewer@example.com", "password": PASSWORD})
        assert right.status_code == 429


async def test_a_link_signs_in_once(console: Console, product: Product) -> None:
    async with product.database.transaction() as session:
        user = await users.get_user(session, "marketer@example.com")
        token = await users.make_link(session, user.id, datetime.now(UTC))
    async with httpx.AsyncClient(base_url=console.url, trust_env=False, headers={"Origin": console.url}) as http:
        assert "Sign in" in (await http.get(f"/sign-in/{token}")).text  # looking does not use it up
        first, second = [await http.post(f"/sign-in/{token}") for _ in range(2)]
    assert first.status_code == 303
    assert second.status_code == 401


async def test_no_websocket_without_a_session_or_from_another_site(console: Console) -> None:
    cookie = f"ordercue_session={console.cookies[Role.ADMIN]}"
    assert await _handshake(console.url, Origin=console.url, Cookie=cookie) == 101
    assert await _handshake(console.url, Origin=console.url) == 403
    assert await _handshake(console.url, Origin="https://evil.example", Cookie=cookie) == 403
    assert await _handshake(console.url, Cookie=cookie) == 403


async def test_a_session_ends_when_its_user_is_disabled(console: Console, product: Product) -> None:
    cookies = {"ordercue_session": console.cookies[Role.OPERATOR]}
    async with httpx.AsyncClient(base_url=console.url, trust_env=False, cookies=cookies) as http:
        assert (await http.get("/runs")).status_code == 200
        async with product.database.transaction() as session:
            await users.change_user(session, "operator@example.com", disabled=True, now=datetime.now(UTC))
        assert (await http.get("/runs")).status_code == 303
