"""Steps that change who is in a segment."""

from sqlalchemy import text

from tests.builders import an_order
from tests.product import Product


async def test_a_run_makes_its_contact_a_member(product: Product) -> None:
    await product.publish("""
        name: Buyers
        start: { event: orderDELIVERED }
        steps:
          - add_to_segment: { segment: buyers }
          - remove_from_segment: { segment: nobody }
    """)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    async with product.database.transaction() as session:
        found = await session.execute(text("SELECT s.name FROM segment_member m JOIN segment s ON s.id = m.segment_id"))
        assert list(found.scalars()) == ["buyers"]
