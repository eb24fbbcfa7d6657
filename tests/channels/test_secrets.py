"""Secrets are neither logged, nor told in an outcome, nor shown with the settings."""

import base64
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from channels.base import Outcome
from channels.registry import build_channels
from cli.servers import set_up_logging
from core.settings import Settings
from tests.channels.builders import channel as smtp_channel
from tests.channels.builders import outgoing
from tests.channels.http_examples import example
from tests.channels.http_server import Act, HttpServer, Said
from tests.channels.providers import ALL, TWILIO, one_channel, outcome_of
from tests.channels.servers import ScriptedServer

_SECRET = "hushhush"
_WRITTEN = {_SECRET, quote(_SECRET), base64.b64encode(_SECRET.encode()).decode().rstrip("=")}
_TROUBLES: list[Said | Act] = [Said(401, {"message": "bad key"}), Said(503), Said(200, b"<html>"), Act.CLOSE]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything, as a process with ORDERCUE_LOG_LEVEL=DEBUG logs it."""
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "botocore")}
    set_up_logging(Settings(log_level="DEBUG"))
    caplog.set_level(logging.DEBUG)
    yield caplog
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def _assert_silent(log: pytest.LogCaptureFixture, *shown: object) -> None:
    text = log.text + repr(shown)
    assert not [one for one in _WRITTEN if one in text]


@pytest.mark.parametrize(("provider", "url"), ALL)
async def test_a_failing_send_tells_no_secret(
    provider: dict[str, Any], url: str, log: pytest.LogCaptureFixture
) -> None:
    outcomes = [await outcome_of(provider, url, trouble) for trouble in _TROUBLES]
    _assert_silent(log, outcomes)


async def test_a_secret_in_an_address_is_not_told(tmp_path: Path, log: pytest.LogCaptureFixture) -> None:
    outcomes: list[Outcome] = []
    async with HttpServer(*_TROUBLES).running() as server:
        path = tmp_path / "providers.yaml"
        path.write_text(re.sub(r"https://[a-z.]+", server.url, example("Telegram")))
        settings: dict[str, Any] = {"http_providers": path, "http_secrets": {"telegram": _SECRET}}
        async with one_channel("telegram", **settings, outgoing_allowed_hosts=("127.0.0.1",)) as channel:
            outcomes += [await channel.send(outgoing(address="7")) for _ in _TROUBLES]
        assert _SECRET in server.asked[0].path
    _assert_silent(log, outcomes)


async def test_a_password_of_smtp_is_not_told(log: pytest.LogCaptureFixture) -> None:
    server = ScriptedServer(AUTH="535 5.7.8 wrong password")
    async with server.running(), smtp_channel(server.port, username="shop", password=_SECRET) as channel:
        _assert_silent(log, await channel.send(outgoing()), channel)


def test_no_setting_that_is_secret_is_shown() -> None:
    every = {name: value for one, _ in [*ALL, (TWILIO, "")] for name, value in one.items()}
    settings = Settings(
        **every,
        smtp_password=_SECRET,
        ses_session_token=_SECRET,
        http_secrets={"own": _SECRET},
        link_secrets=(f"{_SECRET}-of-at-least-thirty-two-characters",),
    )
    shown = (repr(settings), str(settings), settings.model_dump(), settings.model_dump_json(), build_channels(settings))
    assert _SECRET not in repr(shown)
    assert _SECRET not in repr(Settings(database_url=f"postgresql://ordercue:{_SECRET}@db.test/ordercue"))
