"""The one catalogue of the console's words: `tr("…")` marks and translates, `pybabel extract -k tr` collects.

Numbers, amounts and dates follow the account's locale, which a process takes up once, when it starts.
"""

import gettext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from core.money import spell_money

_FOLDER = Path(__file__).with_name("locale")


@dataclass
class _Language:
    """What the process speaks."""

    locale: Locale
    catalogue: gettext.NullTranslations


def _language(name: str) -> _Language:
    locale = Locale.parse(name.replace("-", "_"))
    return _Language(locale, gettext.translation("ordercue", _FOLDER, languages=[str(locale)], fallback=True))


_SPOKEN = [_language("en")]
_ZONE_NAMES: dict[tuple[object, ...], str] = {}
"""Short names of zones, in summer and in winter, by what they depend on."""


def speak(locale: str) -> None:
    """From now on in this locale: `en`, `uk`, `de-AT`. Words without a translation stay English."""
    _SPOKEN[0] = _language(locale)


def spoken() -> str:
    """The locale as the attribute `lang` of HTML wants it."""
    return str(_SPOKEN[0].locale).replace("_", "-")


def tr(text: str, **values: object) -> str:
    """The text in the console's language, with `{name}` filled in."""
    found = _SPOKEN[0].catalogue.gettext(text)
    return found.format(**values) if values else found


def number(value: float | Decimal | None) -> str:
    """A number with the separators of the locale."""
    return "–" if value is None else format_decimal(value, locale=_SPOKEN[0].locale)


def percent(share: float | Decimal | None) -> str:
    """A share, 0.5 for a half."""
    return "–" if share is None else format_percent(share, format="#,##0.#%", locale=_SPOKEN[0].locale)


def money(amount: Decimal | float | None, currency: str | None) -> str:
    """An amount as people of the locale write it."""
    if amount is None:
        return "–"
    if not currency:
        return number(amount)
    return spell_money(amount, currency, _SPOKEN[0].locale)


def how_long_ago(at: datetime, now: datetime) -> str:
    """In words, from now: `3 hours ago`, `in 2 days`."""
    return format_timedelta(at - now, add_direction=True, locale=_SPOKEN[0].locale)


def exactly(at: datetime, zone: ZoneInfo) -> str:
    """A moment on the account's clock, to the second."""
    local = at.astimezone(zone)
    key = (zone.key, local.utcoffset(), local.dst(), spoken())
    if key not in _ZONE_NAMES:  # looking it up takes longer than all the rest
        _ZONE_NAMES[key] = format_datetime(local, "zzz", locale=_SPOKEN[0].locale)
    return f"{local:%Y-%m-%d %H:%M:%S} {_ZONE_NAMES[key]}"
