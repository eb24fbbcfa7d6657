"""What the trouble of any provider over HTTP means: tried again only when that cannot make a second message."""

from typing import Any

import pytest

from channels.base import Accepted, Later, Refused, Unknown
from channels.http_call import retry_after
from channels.registry import build_channels
from cli.ports import free_port
from core.errors import ConfigurationError
from core.settings import Settings
from tests.channels.builders import outgoing
from tests.channels.http_server import Act, HttpServer, Said
from tests.channels.providers import ALL, RESEND, SES, TWILIO, channel_of, one_channel, outcome_of

KEYLESS = [(SES, "ses_url"), (TWILIO, "twilio_url")]


@pytest.mark.parametrize(("provider", "url"), ALL)
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_throttled_or_out_of_order_it_is_tried_again_when_the_provider_says(
    provider: dict[str, Any], url: str, status: int
) -> None:
    outcome = await outcome_of(provider, url, Said(status, {"message": "slow down"}, (("Retry-After", "7"),)))
    assert isinstance(outcome, Later)
    assert (outcome.retry_after, outcome.same) == (7.0, False)


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_nobody_listens_so_it_is_tried_again(provider: dict[str, Any], url: str) -> None:
    async with one_channel(channel_of(provider), **provider, **{url: f"http://127.0.0.1:{free_port()}"}) as channel:
        outcome = await channel.send(outgoing())
    assert isinstance(outcome, Later)
    assert (outcome.code, outcome.same) == ("unreachable", False)


SILENCE = [Act.HANG, Act.CLOSE, Said(502, b"<html>"), Said(504, b"<html>"), Said(200, b"not json"), Said(200, {"a": 1})]


@pytest.mark.parametrize(("provider", "url"), KEYLESS)
@pytest.mark.parametrize("answer", SILENCE)
async def test_no_answer_without_a_key_is_unknown(provider: dict[str, Any], url: str, answer: Said | Act) -> None:
    assert isinstance(await outcome_of(provider, url, answer), Unknown)


@pytest.mark.parametrize("answer", SILENCE)
async def test_no_answer_with_a_key_is_tried_again_unchanged(answer: Said | Act) -> None:
    outcome = await outcome_of(RESEND, "resend_url", answer)
    assert isinstance(outcome, Later)
    assert outcome.same


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_a_wrong_key_is_no_fault_of_the_message(provider: dict[str, Any], url: str) -> None:
    outcome = await outcome_of(provider, url, Said(401, {"message": "who are you"}))
    assert isinstance(outcome, Later)
    assert outcome.code == "auth_failed"


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_a_refusal_tells_no_address(provider: dict[str, Any], url: str) -> None:
    said = {"message": "anna@customer.test or +380501234567 is bad", "name": "validation_error", "code": 21211}
    outcome = await outcome_of(provider, url, Said(400, said))
    assert isinstance(outcome, Refused)
    assert "anna" not in outcome.reason
    assert "380501234567" not in outcome.reason


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_an_endless_answer_is_cut(provider: dict[str, Any], url: str) -> None:
    assert isinstance(await outcome_of(provider, url, Said(400, b"x" * 5_000_000)), Refused)


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_a_redirect_is_not_followed(provider: dict[str, Any], url: str) -> None:
    async with HttpServer(Said(201, {"id": "1", "sid": "1", "MessageId": "1"})).running() as other:
        outcome = await outcome_of(provider, url, Said(302, {}, (("Location", other.url),)))
        assert other.asked == []
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_one_connection_serves_many_messages(provider: dict[str, Any], url: str) -> None:
    answer = Said(200, {"id": "1", "sid": "1", "MessageId": "1"})
    async with HttpServer(answer).running() as server:
        async with one_channel(channel_of(provider), **provider, **{url: server.url}) as channel:
            assert [await channel.send(outgoing()) for _ in range(3)] == [Accepted("1")] * 3
        assert len(server._writers) == 1


@pytest.mark.parametrize("provider", [RESEND, SES, TWILIO])
def test_secrets_are_not_shown(provider: dict[str, Any]) -> None:
    settings = Settings(**provider)
    assert "hushhush" not in repr((settings, build_channels(settings)))


@pytest.mark.parametrize(
    "provider", [{"email_provider": "resend"}, {"email_provider": "ses"}, {"sms_provider": "twilio"}]
)
def test_a_provider_without_its_settings_says_which(provider: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="needs ORDERCUE_"):
        build_channels(Settings(**provider))


def test_retry_after_is_seconds_or_a_date_and_bounded() -> None:
    assert [retry_after(text) for text in ("12", "-3", "1e99", "nan", "soon", None)] == [12, 0, 86400, None, None, None]
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Mon, 01 Jan 99999999999999999999 00:00:00 GMT") is None
