"""Backtest: one report over the events of the past."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.backtesting import BacktestActivities
    from core.backtests import BACKTEST_WORKFLOW, BacktestAsked, BacktestReport
    from workflows import options


@workflow.defn(name=BACKTEST_WORKFLOW)
class BacktestRun:
    """Keeps the report as its result."""

    @workflow.run
    async def run(self, asked: BacktestAsked) -> BacktestReport:
        """The report."""
        return await workflow.execute_activity_method(
            BacktestActivities.backtest, asked, summary="events in virtual time", **options.BACKTEST
        )
