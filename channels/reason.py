"""What a provider answered, fit for the ledger and the logs: short, one line, no personal data."""

import re

_ADDRESS = re.compile(r"<?[^\s<>()\[\],;:]+(?:@|%40)[^\s<>()\[\],;]+>?")
_LONG_NUMBER = re.compile(r"\+\d[\d ().-]{6,}\d|\b\d{9,}\b")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")
_LONGEST = 200
_LONGEST_READ = 1000
"""Of what is longer the rest is not looked at: looking for addresses takes the square of a long word's length."""
_SHORTEST_NAME = 3
"""A shorter one may be any word of the answer."""


def scrub(answer: str, address: str = "") -> str:
    """The answer without addresses, the name in `address` (its local part, or an id itself), and long numbers."""
    line = _beginning(answer).encode("utf-8", "replace").decode()
    line = _ADDRESS.sub("<address>", line)
    name = address.rpartition("@")[0] or address
    if len(name) >= _SHORTEST_NAME:
        line = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "<address>", line, flags=re.IGNORECASE)
    line = _LONG_NUMBER.sub("<number>", line)
    line = _BLANK.sub(" ", line).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _beginning(answer: str) -> str:
    """Without the word at the cut, which may be half an address."""
    return answer if len(answer) <= _LONGEST_READ else answer[:_LONGEST_READ].rpartition(" ")[0] + " …"
