"""The bench of deciding measures what it says."""

from bench.decide import measure


async def test_deciding_is_measured_beside_writing_its_decisions() -> None:
    seconds, statements = await measure(10, 1)
    assert seconds.name == "decide 10 events, 200 automations"
    assert seconds.product > 0
    assert seconds.bare
    assert statements.product < 30  # and none for each event or pair
