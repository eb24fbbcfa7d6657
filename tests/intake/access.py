"""Keys of tests."""

from store.keys import Scope, create_key
from tests.product import Product


async def authorization(product: Product, *scopes: Scope, legacy_empty_body: bool = False) -> dict[str, str]:
    """The header of a new key with these scopes."""
    async with product.database.transaction() as session:
        key = await create_key(session, "another", scopes, legacy_empty_body=legacy_empty_body)
    return {"Authorization": f"Bearer {key.text}"}
