"""TCP ports of one machine: take a free one, or say plainly that the wanted one is taken."""

import random
import socket
from collections.abc import Collection
from dataclasses import asdict, astuple, dataclass

from core.errors import ConfigurationError

LOOPBACK = "127.0.0.1"

_FIRST, _LAST = 20_000, 32_000
"""Below the ports that systems give to outgoing connections (Linux: 32768 up): one that is free now is not taken by a
connection in the second until the server that it is meant for listens."""
_TRIES = 200


def free_port(usual: int = 0) -> int:
    """`usual` when nobody listens there, else any free port."""
    return usual if usual and _is_free(usual) else _any()


def claim_port(wanted: int, option: str, *, but: Collection[int] = ()) -> int:
    """The wanted port, or for 0 a free one that is not among `but`.

    Raises ConfigurationError, which names the option, when the wanted one is taken.
    """
    if wanted and not _is_free(wanted):
        msg = f"port {wanted} is taken; choose another one with {option}, or 0 for any free one"
        raise ConfigurationError(msg)
    return wanted or _any(but)


@dataclass(frozen=True)
class Ports:
    """Which ports to take; 0 is any free one."""

    api: int = 0
    temporal: int = 0
    temporal_ui: int = 0
    smtp: int = 0
    mailbox: int = 0
    console: int = 0

    def claimed(self) -> "Ports":
        """Real ports, each another one. Raises ConfigurationError for one that is taken."""
        taken = {wanted for wanted in astuple(self) if wanted}
        found: dict[str, int] = {}
        for name, wanted in asdict(self).items():
            found[name] = claim_port(wanted, f"--{name.replace('_', '-')}-port", but=taken)
            taken.add(found[name])
        return Ports(**found)


def _any(but: Collection[int] = ()) -> int:
    tried = (random.randrange(_FIRST, _LAST) for _ in range(_TRIES))  # noqa: S311 - no secret
    return next((port for port in tried if port not in but and _is_free(port)), None) or _bind(0)


def _is_free(port: int) -> bool:
    try:
        _bind(port)
    except OSError:
        return False
    return True


def _bind(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        probe.bind((LOOPBACK, port))
        bound: int = probe.getsockname()[1]
        return bound
