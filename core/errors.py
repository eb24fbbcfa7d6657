"""The error tree.

OrdercueError
├── ConfigurationError      a setting is wrong or missing; the text names it and the remedy
├── UnavailableError        a server is away; trying again later may help
├── NotFoundError           what was asked for does not exist
├── ConflictError           it contradicts what is stored
└── InvalidError            the input is wrong; carries the place and the remedy

Subclasses live beside what raises them. Nobody branches on message text.
"""


class OrdercueError(Exception):
    """Base of every error that Ordercue raises on purpose."""


class ConfigurationError(OrdercueError):
    """A setting is wrong or missing."""


class UnavailableError(OrdercueError):
    """A server we depend on does not answer."""


class NotFoundError(OrdercueError):
    """What was asked for does not exist."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class ConflictError(OrdercueError):
    """The request contradicts what is stored."""


class InvalidError(OrdercueError):
    """The input is wrong. `field` is the place in it."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
