"""Phones for matching: E.164 by the rules of libphonenumber, with a short way for numbers in the usual writings.

The library takes some 20 µs a number. `_Plan` reads the same metadata and answers only where its answer is certain to
be the library's; every other text goes to the library. A test holds the two together.
"""

import re
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

CACHED = 20_000
"""Texts that one process remembers, some 200 bytes each."""

_SEPARATORS = str.maketrans("", "", " ().-")
_LONGEST_CALLING_CODE = 3


@lru_cache(maxsize=CACHED)
def match_phone(text: str, region: str) -> str | None:
    """The number in E.164 (`+380501234567`), or None for what is no valid number.

    A number without a country code is one of `region` (ISO 3166 alpha-2). Letters are refused, although the library
    would dial them: in an order they are a typing error, not a vanity number.
    """
    text = text.strip()
    digits = text.removeprefix("+")
    if not digits.isdigit():
        digits = digits.translate(_SEPARATORS)
    if digits.isdigit() and digits.isascii() and text[-1].isdigit():
        found = _international(digits) if text[0] == "+" else _national(digits, region)
        if found:
            return found
    if any(character.isalpha() for character in text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class _Plan:
    """The numbering plan of a calling code's main region, from the library's metadata."""

    def __init__(self, metadata: PhoneMetadata, general: PhoneNumberDesc) -> None:
        kinds = (
            metadata.mobile, metadata.fixed_line, metadata.toll_free, metadata.premium_rate, metadata.shared_cost,
            metadata.voip, metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail,
        )  # fmt: skip
        self._calling_code = str(metadata.country_code)
        self._lengths = frozenset(general.possible_length) - frozenset(general.possible_length_local_only)
        self._general = re.compile(general.national_number_pattern or "(?!)").fullmatch
        self._kinds = [
            (frozenset(kind.possible_length) or self._lengths, re.compile(kind.national_number_pattern).fullmatch)
            for kind in kinds
            if kind is not None and kind.national_number_pattern
        ]
        self._prefix = metadata.national_prefix_for_parsing or ""
        self._prefix_is_fixed = self._prefix.isdigit() and not metadata.national_prefix_transform_rule
        self._starts_with_prefix = re.compile(self._prefix or "(?!)").match
        self._starts_with_exit_code = re.compile(metadata.international_prefix or "(?!)").match

    def international(self, national: str) -> str | None:
        """E.164 of what follows `+` and the calling code; None where only the library knows."""
        if self._starts_with_prefix(national) or not self._is_valid(national):
            return None
        return f"+{self._calling_code}{national}"

    def national(self, digits: str) -> str | None:
        """E.164 of digits without a plus: in the region's own writing, or with the calling code in front."""
        if self._starts_with_exit_code(digits):
            return None
        if digits.startswith(self._calling_code):
            return None if self._general(digits) else self.international(digits[len(self._calling_code) :])
        if self._prefix_is_fixed and digits.startswith(self._prefix):
            digits = digits.removeprefix(self._prefix)
        elif self._starts_with_prefix(digits):
            return None
        return f"+{self._calling_code}{digits}" if self._is_valid(digits) else None

    def _is_valid(self, national: str) -> bool:
        length = len(national)
        if length not in self._lengths or national[0] == "0" or not self._general(national):
            return False
        return any(length in lengths and matches(national) for lengths, matches in self._kinds)


def _national(digits: str, region: str) -> str | None:
    plan = _plan_of(region)
    return plan.national(digits) if plan else None


def _international(digits: str) -> str | None:
    for length in range(1, _LONGEST_CALLING_CODE + 1):
        region = _MAIN_REGION.get(digits[:length])
        if region:
            plan = _plan_of(region)
            return plan.international(digits[length:]) if plan else None
    return None


_MAIN_REGION = {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


@cache  # there are some 250 regions
def _plan_of(region: str) -> _Plan | None:
    """The plan of a region that is the first of its calling code and so decides on its numbers before any other."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.leading_digits is not None or metadata.general_desc is None:
        return None
    if _MAIN_REGION.get(str(metadata.country_code)) != region:
        return None
    return _Plan(metadata, metadata.general_desc)
