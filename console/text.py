"""The one catalogue of the console's words: `tr("…")` marks and translates, `pybabel extract -k tr` collects."""

import gettext
from pathlib import Path

_CATALOGUE = gettext.translation("ordercue", Path(__file__).with_name("locale"), fallback=True)


def tr(text: str, **values: object) -> str:
    """The text in the console's language, with `{name}` filled in."""
    found = _CATALOGUE.gettext(text)
    return found.format(**values) if values else found
