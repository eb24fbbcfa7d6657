"""Providers made by configuration alone: the examples of docs/channels.md against what those providers say."""

import re
from pathlib import Path
from typing import Any

import pytest

from channels.base import Accepted, Later, Outcome, Refused, Unknown
from channels.registry import build_channels
from core.channels import served_channels
from core.errors import ConfigurationError
from core.settings import Settings
from tests.channels.builders import outgoing
from tests.channels.http_examples import example
from tests.channels.http_server import Act, Asked, HttpServer, Said
from tests.channels.providers import one_channel

SECRETS = {"sendgrid": "SG.1", "postmark": "pm-1", "telegram": "7:abc", "viber": "vb-1"}


def _settings(folder: Path, text: str, **changes: Any) -> dict[str, Any]:  # Any: the fields differ in type
    """Settings with this file of providers."""
    path = folder / "providers.yaml"
    path.write_text(text)
    email = "http" if text.startswith("email:") else "smtp"
    return {"http_providers": path, "http_secrets": SECRETS, "email_provider": email, **changes}


async def _send(folder: Path, provider: str, answer: Said | Act, **message: Any) -> tuple[Outcome, Asked]:
    """Send one message to a provider of this description that says `answer`."""
    name = provider.partition(":")[0]
    async with HttpServer(answer).running() as server:
        here = re.sub(r"https://[a-z.]+", server.url, provider)
        settings = _settings(folder, here, outgoing_allowed_hosts=("127.0.0.1",))
        async with one_channel(name, **settings) as channel:
            outcome = await channel.send(outgoing(**message))
    return outcome, server.asked[0]


async def test_sendgrid(tmp_path: Path) -> None:
    message = {"text": 'so "nice"\nто й добре', "headers": {"List-Unsubscribe": "<https://shop.test/u>"}}
    outcome, asked = await _send(tmp_path, example("SendGrid"), Said(202, b"", (("X-Message-Id", "sg1"),)), **message)
    assert outcome == Accepted("sg1")
    assert (asked.path, asked.headers["authorization"]) == ("/v3/mail/send", "Bearer SG.1")
    body = asked.json()
    assert body["from"] == {"email": "orders@shop.test", "name": "Shop"}
    assert body["content"] == [
        {"type": "text/plain", "value": 'so "nice"\nто й добре'},
        {"type": "text/html", "value": "<p>Thank you</p>"},
    ]
    assert body["headers"] == {"List-Unsubscribe": "<https://shop.test/u>"}


async def test_postmark(tmp_path: Path) -> None:
    said = Said(200, {"ErrorCode": 0, "Message": "OK", "MessageID": "pm1"})
    outcome, asked = await _send(tmp_path, example("Postmark"), said, html=None, headers={"X-A": "1", "X-B": "2"})
    assert outcome == Accepted("pm1")
    assert asked.headers["x-postmark-server-token"] == "pm-1"
    assert "HtmlBody" not in asked.json()
    assert asked.json()["Headers"] == [{"Name": "X-A", "Value": "1"}, {"Name": "X-B", "Value": "2"}]


async def test_telegram(tmp_path: Path) -> None:
    said = Said(200, {"ok": True, "result": {"message_id": 42}})
    outcome, asked = await _send(tmp_path, example("Telegram"), said, address="1234", sender="")
    assert outcome == Accepted("42")
    assert (asked.path, asked.json()) == ("/bot7:abc/sendMessage", {"chat_id": "1234", "text": "Thank you"})


async def test_viber(tmp_path: Path) -> None:
    said = Said(200, {"status": 0, "status_message": "ok", "message_token": 5741311803571721087})
    outcome, asked = await _send(tmp_path, example("Viber"), said, address="01234567890A=", sender="")
    assert outcome == Accepted("5741311803571721087")
    assert asked.headers["x-viber-auth-token"] == "vb-1"


@pytest.mark.parametrize(
    ("name", "status", "body", "expected"),
    [
        ("SendGrid", 400, {"errors": [{"field": "from", "message": "bad"}]}, Refused("from", "400 bad")),
        ("SendGrid", 202, {}, Unknown("broken_answer", "the provider answered a success without an id")),
        ("Postmark", 422, {"ErrorCode": 406, "Message": "inactive"}, Refused("406", "422 inactive")),
        ("Postmark", 422, {"ErrorCode": 405, "Message": "no credits"}, Later("405", "422 no credits")),
        ("Telegram", 403, {"error_code": 403, "description": "blocked"}, Refused("403", "403 blocked")),
        (
            "Telegram",
            429,
            {"error_code": 429, "description": "slow", "parameters": {"retry_after": 9}},
            Later("429", "429 slow", 9.0),
        ),
        ("Viber", 200, {"status": 6, "status_message": "notSubscribed"}, Refused("6", "200 notSubscribed")),
        ("Viber", 200, {"status": 12, "status_message": "tooMany"}, Later("12", "200 tooMany")),
    ],
)
async def test_refusals_and_delays_are_read(
    tmp_path: Path, name: str, status: int, body: dict[str, Any], expected: Outcome
) -> None:
    assert (await _send(tmp_path, example(name), Said(status, body)))[0] == expected


KEYED = """
own:
  address: id
  url: https://own.example/send?to={{ to | url_encode }}
  content_type: application/x-www-form-urlencoded
  body: "text={{ text | url_encode }}"
  idempotency_header: Idempotency-Key
""".lstrip()


async def test_a_key_makes_a_repetition_safe(tmp_path: Path) -> None:
    message = outgoing(address="a&b")
    outcome, asked = await _send(tmp_path, KEYED, Act.CLOSE, id=message.id, address="a&b")
    assert isinstance(outcome, Later)
    assert outcome.same
    assert (asked.headers["idempotency-key"], asked.path) == (str(message.id), "/send?to=a%26b")
    (other := tmp_path / "other").mkdir()
    outcome, _ = await _send(other, KEYED.replace("  idempotency_header: Idempotency-Key\n", ""), Act.CLOSE)
    assert isinstance(outcome, Unknown)


async def test_an_address_of_our_own_network_is_refused(tmp_path: Path) -> None:
    text = KEYED.replace("https://own.example", "http://169.254.169.254")
    async with one_channel("own", **_settings(tmp_path, text)) as channel:
        outcome = await channel.send(outgoing())
    assert isinstance(outcome, Refused)
    assert outcome.code == "host_refused"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("own: { address: id, url: 'https://a.example', body: '{{ txt }}' }", "txt"),
        ("own: { address: id, url: 'https://a.example', body: '{\"a\": \"{{ text }}\"}' }", "json"),
        ("own: { address: id, url: 'https://a.example', body: '{{ secrets.none }}' }", "none"),
        ("own: { address: fax, url: 'https://a.example', body: '{}' }", "own.address"),
        ("own: { address: id, url: 'https://a.example', body: '{}', later: [{ path: a }] }", "path goes with"),
        ("- a", "valid dictionary"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_told_at_the_start(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=f"ORDERCUE_HTTP_PROVIDERS.*{says}"):
        build_channels(Settings(**_settings(tmp_path, text)))


def test_definitions_may_name_the_channels_that_have_a_provider(tmp_path: Path) -> None:
    several = {"sms_provider": "http", "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    text = example("Viber") + example("Telegram") + KEYED.replace("own:", "sms:")
    for settings in (Settings(), Settings(**_settings(tmp_path, text, **several))):
        assert set(served_channels(settings)) == set(build_channels(settings))
    assert set(served_channels(settings)) == {"email", "sms", "webhook_message", "viber", "telegram"}
