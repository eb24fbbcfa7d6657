"""A client that breaks off in the middle of its request."""

import asyncio
import json

import httpx

from tests.builders import an_order
from tests.openapi.conftest import Server


async def test_of_a_request_that_breaks_off_nothing_happens(server: Server) -> None:
    order = an_order()
    body = json.dumps({"orders": [order]}).encode()
    host, _, port = server.url.removeprefix("http://").partition(":")
    head = (
        f"POST /api/v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + body)  # valid as it is, and one byte short
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
        assert (await http.get(f"/api/v1/orders/{order['externalOrderId']}")).status_code == 404
        assert (await http.post("/api/v1/orders", content=body)).json()["accepted"] == 1
