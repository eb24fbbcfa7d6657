"""The bench of intake measures what it says."""

from bench.intake.__main__ import PARTS, Size, measure


async def test_each_part_measures_the_product_beside_its_baseline() -> None:
    size = Size(
        rounds=1, orders=3, requests=2, clients=2, single_requests=4, memory_requests=2, few_stored=5, many_stored=10
    )
    said: list[str] = []
    figures = await measure(PARTS, size, said.append)
    assert [(one.name, one.samples) for one in figures] == [
        ("requests of 3 orders", 1),
        ("single orders, 2 clients", 1),
        ("latency of a request of one order among 10, bare: among 5", 1),
        ("latency of a request of 3 orders among 10, bare: among 5", 1),
        ("match_contacts of 3 orders among 10, bare: among 5", 1),
        ("memory of the API after 2 requests of 3 orders, bare: after a tenth", 2),
    ]
    assert all(one.product > 0 and one.bare and one.ratio for one in figures)
    assert said[-1] == "memory, request 2 of 2"
