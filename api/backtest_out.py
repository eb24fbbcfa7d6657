"""What the routes of backtests answer, for the OpenAPI document; api.backtest_work makes it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from core.backtests import BacktestProgress, BacktestReport


class _Out(BaseModel):
    id: UUID = Field(description="Of the backtest.")


class BacktestStarted(_Out):
    """The backtest is worked on."""

    state: Literal["running"]
    url: str = Field(description="Path that tells how it stands, and the report once it is done.")


class BacktestRunning(_Out):
    """It is still worked on."""

    state: Literal["running"]
    progress: BacktestProgress = Field(description="How far it is.")


class BacktestDone(_Out):
    """It is done."""

    state: Literal["done"]
    report: BacktestReport = Field(description="What would have happened.")


class BacktestFailed(_Out):
    """It cannot be done."""

    state: Literal["failed"]
    detail: str = Field(description="Why, for people.")


BacktestOut = Annotated[BacktestRunning | BacktestDone | BacktestFailed, Field(discriminator="state")]
