"""The bench of attribution runs and measures all that it says."""

from bench.attribution import measure


async def test_periods_and_touches_are_measured() -> None:
    figures = await measure(300, 60, 1)
    assert [figure.name for figure in figures] == [
        "attribution of 30 days by clicks",
        "attribution of 30 days by clicks and openings",
        "attribution of 366 days by clicks",
        "attribution of 366 days by clicks and openings",
    ]
    assert all(figure.ratio for figure in figures)
