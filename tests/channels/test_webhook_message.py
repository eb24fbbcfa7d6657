"""A signed message for a machine."""

from typing import Any

import pytest
from standardwebhooks import Webhook

from channels.base import Accepted, Later, Refused
from tests.channels.builders import outgoing
from tests.channels.http_server import Act, HttpServer, Said
from tests.channels.providers import one_channel

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOCAL: dict[str, Any] = {"webhook_secret": SECRET, "outgoing_allowed_hosts": ("127.0.0.1",)}


async def test_the_receiver_can_check_the_signature_and_sees_the_content() -> None:
    async with HttpServer(Said(204, b"")).running() as server, one_channel("webhook_message", **LOCAL) as channel:
        message = outgoing(address=f"{server.url}/hook?shop=1", text="Дякуємо")
        assert await channel.send(message) == Accepted(str(message.id))
    asked = server.asked[0]
    told = Webhook(SECRET).verify(asked.body, asked.headers)
    assert (asked.path, asked.headers["webhook-id"], told["type"]) == ("/hook?shop=1", str(message.id), "message")
    assert told["data"] == {
        "id": str(message.id),
        "subject": "Your order",
        "text": "Дякуємо",
        "html": "<p>Thank you</p>",
    }


@pytest.mark.parametrize(("answer", "kind"), [(Said(410), Refused), (Said(503), Later), (Act.HANG, Later)])
async def test_what_the_receiver_says_counts(answer: Said | Act, kind: type) -> None:
    async with HttpServer(answer).running() as server, one_channel("webhook_message", **LOCAL) as channel:
        assert isinstance(await channel.send(outgoing(address=server.url)), kind)


@pytest.mark.parametrize(
    "address", ["http://shop.example/", "https://10.0.0.1/", "file:///etc/passwd", "nowhere", "http://["]
)
async def test_an_address_that_is_not_public_https_is_refused(address: str) -> None:
    async with one_channel("webhook_message", webhook_secret=SECRET) as channel:
        assert isinstance(await channel.send(outgoing(address=address)), Refused)
