"""Settings of RFM and segments."""

from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from core.setting_kinds import BY_COMMAS

_Span = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}[dm]$")]
_SCORE_EDGES = 4


def _ascending(values: tuple[int, ...]) -> tuple[int, ...]:
    if any(one >= next_one for one, next_one in pairwise(values)):
        msg = "each number has to be greater than the one before it"
        raise ValueError(msg)
    return values


def _one_for_each_score(values: tuple[object, ...]) -> tuple[object, ...]:
    if len(values) not in (0, _SCORE_EDGES):
        msg = "write four edges, where the scores 2, 3, 4 and 5 begin, or none"
        raise ValueError(msg)
    return values


class FigureSettings(BaseSettings):
    """A part of `core.settings.Settings`."""

    rfm_recency: Annotated[tuple[_Span, ...], NoDecode, BY_COMMAS] = Field(
        default=("15d", "1m", "2m", "3m", "6m", "12m"),
        min_length=1,
        max_length=19,
        description="Edges of the RFM grid's recency, shortest first: days or months since the last delivery.",
    )
    rfm_frequency: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...], NoDecode, AfterValidator(_ascending), BY_COMMAS
    ] = Field(
        default=(1, 2, 3, 5, 8, 11),
        min_length=1,
        max_length=19,
        description="Least number of delivered orders of each column of the RFM grid, ascending.",
    )
    rfm_score_recency: Annotated[tuple[_Span, ...], NoDecode, AfterValidator(_one_for_each_score), BY_COMMAS] = Field(
        default=(),
        description="Longest time since the last delivery of the scores 2 to 5, such as 12m,6m,3m,1m; "
        "quantiles, when not set.",
    )
    rfm_score_frequency: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        NoDecode,
        AfterValidator(_one_for_each_score),
        AfterValidator(_ascending),
        BY_COMMAS,
    ] = Field(
        default=(),
        description="Least number of delivered orders of the scores 2 to 5, such as 2,3,5,8; quantiles, when not set.",
    )
    rfm_score_monetary: Annotated[
        tuple[Annotated[Decimal, Field(gt=0)], ...], NoDecode, AfterValidator(_one_for_each_score), BY_COMMAS
    ] = Field(
        default=(),
        description="Least revenue of the scores 2 to 5 in the account's currency; quantiles, when not set.",
    )
    recalculate_hour: int = Field(
        default=3, ge=0, le=23, description="Hour of the account's zone at which RFM and segments are recalculated."
    )
