"""The embedded servers of one machine, from the extra `ordercue[embedded]`. Each is an asynchronous context manager."""

from cli.embedded_postgres import EmbeddedPostgres
from cli.embedded_process import ChildFailedError
from cli.embedded_temporal import EmbeddedTemporal

__all__ = ["ChildFailedError", "EmbeddedPostgres", "EmbeddedTemporal"]
