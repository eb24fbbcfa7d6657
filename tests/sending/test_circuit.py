"""A provider that is down is left in peace."""

from uuid import uuid4

from activities.circuit import Circuit
from channels.base import Accepted, Later

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
