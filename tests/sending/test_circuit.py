"""A provider that is down is left in peace."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from temporalio.testing import ActivityEnvironment

from activities.circuit import Circuit
from activities.library import Library
from activities.send_message import SendActivities
from channels.base import Accepted, Later
from core.contracts import At, Sent
from core.settings import Settings
from store.messages import message_id

_DOWN = Later("connect", "no answer")


def _broken(now: list[float]) -> Circuit:
    circuit = Circuit(clock=lambda: now[0])
    pauses = [circuit.note(uuid4(), _DOWN) for _ in range(5)]
    assert pauses == [None] * 4 + [5.0]
    return circuit


def test_one_address_in_trouble_is_no_outage() -> None:
    circuit, message = Circuit(), uuid4()
    assert [circuit.note(message, _DOWN) for _ in range(20)] == [None] * 20
    assert circuit.wait(uuid4()) == 0


def test_after_a_pause_one_message_tries_and_the_others_wait() -> None:
    now = [0.0]
    circuit = _broken(now)
    assert circuit.wait(uuid4()) == 5
    now[0] = 5
    probe = uuid4()
    assert circuit.wait(probe) == 0
    assert circuit.wait(uuid4()) == 5, "the probe may be through in a moment"
    assert circuit.note(uuid4(), _DOWN) is None
    assert circuit.note(probe, _DOWN) == 10
    now[0] = 15
    assert circuit.wait(probe) == 0
    assert circuit.note(probe, Accepted("1")) == 0
    assert circuit.wait(uuid4()) == 0


def test_a_pause_lasts_as_long_as_the_provider_asks_for() -> None:
    circuit = Circuit(clock=lambda: 0.0)
    for _ in range(4):
        circuit.note(uuid4(), _DOWN)
    assert circuit.note(uuid4(), Later("throttled", "slow down", retry_after=90)) == 90


def test_a_probe_that_died_does_not_keep_the_next_one_back() -> None:
    now = [0.0]
    circuit = _broken(now)
    now[0] = 5
    assert circuit.wait(uuid4()) == 0
    now[0] = 66
    assert circuit.wait(uuid4()) == 0


def test_a_probe_for_which_the_provider_is_not_called_makes_way_for_the_next_one() -> None:
    now = [0.0]
    circuit = _broken(now)
    now[0] = 5
    skipped, others = uuid4(), uuid4()
    assert circuit.wait(skipped) == 0
    circuit.give_back(others)
    assert circuit.wait(others) == 5
    circuit.give_back(skipped)
    assert circuit.wait(others) == 0


@pytest.mark.parametrize("broken", [False, True])
async def test_a_message_that_is_skipped_or_cannot_be_claimed_is_no_probe(
    monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    """Else each message that an outage made too late would keep all others back for a minute."""
    now = [0.0]
    circuit = _broken(now)
    now[0] = 5

    async def links() -> None: ...

    async def skip(*_: object) -> Sent:
        if broken:
            raise ConnectionError
        return Sent(state="skipped", reason="too_late")

    monkeypatch.setattr(SendActivities, "_claim", skip)
    sending = SendActivities(
        database=None, library=Library(), settings=Settings(), channels={"email": None},
        links=SimpleNamespace(links=links),
    )  # fmt: skip
    sending._circuits["email"] = circuit
    at = At(run_id=uuid4(), step_id="hello", now=datetime.now(UTC))
    if broken:
        with pytest.raises(ConnectionError):
            await ActivityEnvironment().run(sending.send_message, at)
    else:
        assert (await ActivityEnvironment().run(sending.send_message, at)).state == "skipped"
    assert circuit.wait(message_id(at.run_id, "another")) == 0
