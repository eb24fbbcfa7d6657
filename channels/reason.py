"""What a provider answered, fit for the ledger and the logs: short, one line, no personal data."""

import re

_ADDRESS = re.compile(r"<?[^\s<>()\[\],;:]+(?:@|%40)[^\s<>()\[\],;]+>?")
_LONG_NUMBER = re.compile(r"\+\d[\d ().-]{6,}\d|\b\d{9,}\b")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")
_LONGEST = 200
_SHORTEST_NAME = 3
"""A shorter local part may be any word of the answer."""


def scrub(answer: str, address: str = "") -> str:
    """The answer without addresses, the local part of `address`, and long numbers that may be phones."""
    line = answer.encode("utf-8", "replace").decode()
    line = _ADDRESS.sub("<address>", line)
    local = address.rpartition("@")[0]
    if len(local) >= _SHORTEST_NAME:
        line = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "<address>", line, flags=re.IGNORECASE)
    line = _LONG_NUMBER.sub("<number>", line)
    line = _BLANK.sub(" ", line).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
