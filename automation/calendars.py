"""Public holidays, by the `holidays` library."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from holidays import PUBLIC, WORKDAY, country_holidays

_CATEGORIES = {"UA": (PUBLIC, WORKDAY)}
"""In Ukraine holidays are days of work while martial law lasts; people keep them all the same."""


@lru_cache(maxsize=1000)
def holidays_of(country: str, year: int) -> Mapping[date, str]:
    """Names of the public holidays of a country (`UA`), or a part of one (`DE-BY`), in a year.

    Empty for years of which the library knows nothing.
    """
    name, _, part = country.partition("-")
    languages = country_holidays(name, expand=False).supported_languages
    # a language that is not named would be taken from the environment
    language = "en_US" if "en_US" in languages else next(iter(languages), None)
    categories = _CATEGORIES.get(name, (PUBLIC,))
    # a holiday may be kept on the last days of the year before its own
    found = country_holidays(
        name,
        subdiv=part or None,
        years=(year, year + 1),
        categories=categories,
        language=language,
        expand=False,
    )
    return MappingProxyType({day: found[day] for day in sorted(found) if day.year == year})
