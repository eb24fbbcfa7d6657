import random
import socket
from collections.abc import Iterator

import pytest

from cli import ports as ports_module
from cli.ports import LOOPBACK, Ports, claim_port, free_port
from core.errors import ConfigurationError


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_with_its_option(taken_port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"port {taken_port} is taken; choose another one with --api-port"):
        Ports(api=taken_port).claimed()


def test_a_free_port_is_claimed_as_it_is() -> None:
    port = free_port()
    assert claim_port(port, "--api-port") == port


def test_zero_becomes_a_real_port_for_each_server() -> None:
    ports = Ports().claimed()
    assert len({ports.api, ports.temporal, ports.temporal_ui, ports.smtp, ports.mailbox}) == 5


def test_no_two_servers_are_given_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([20_001, 20_001, 20_002, 20_002, 20_001, 20_003, 20_004, 20_005, 20_006])
    monkeypatch.setattr(ports_module, "_is_free", lambda _port: True)
    monkeypatch.setattr(random, "randrange", lambda *_bounds: next(drawn))
    assert Ports(api=20_004).claimed() == Ports(20_004, 20_001, 20_002, 20_003, 20_005, 20_006)


def test_a_taken_usual_port_gives_way_to_another(taken_port: int) -> None:
    assert free_port(taken_port) != taken_port


def test_a_free_usual_port_is_used() -> None:
    usual = free_port()
    assert free_port(usual) == usual
