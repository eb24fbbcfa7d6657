"""Amounts as people write them."""

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency

_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
"""Where a letter stands beside a digit, as in UAH720. CLDR asks for a space between them, which Babel leaves out."""


def spell_money(amount: Decimal | float, currency: str, locale: Locale) -> str:
    """An amount with its currency, in the order and with the separators of the locale; nothing breaks it in two."""
    return _TOUCHING.sub("\u00a0", format_currency(amount, currency, locale=locale))
