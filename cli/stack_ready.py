"""What a running stack tells to people, scripts and tests."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True)
class Ready:
    """Where everything answers. `pids` are those of now: a service that is started again gets another."""

    api_url: str
    api_key: str
    temporal_address: str
    temporal_ui_url: str
    database_url: str
    smtp_address: str
    mailbox_url: str
    console_url: str
    pids: dict[str, int]

    def write(self, path: Path) -> None:
        """Put one JSON object there, whole or not at all, for its owner's eyes: it holds the key."""
        write_secret(path, orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def write_secret(path: Path, content: bytes) -> None:
    """Replace a file, atomically, by one that only its owner may read."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(new, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    new.replace(path)
