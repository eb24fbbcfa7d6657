"""The bench of the backtest measures what it says."""

from bench.backtest import bare, generate, product


async def test_generated_orders_go_the_whole_way_of_the_recipe(database_url: str) -> None:
    await generate(database_url, 100)
    run = await product(database_url, 30)
    report = run.report
    # every tenth order is cancelled instead of delivered; the totals of 18 others are too small
    assert (report.events, report.launches, report.not_matched) == (300, 72, 18)
    assert report.sends_by_step["thanks"] == report.launches
    assert report.sends_by_step["review"] + report.prevented == report.launches
    assert await bare(database_url, 30) > 0
