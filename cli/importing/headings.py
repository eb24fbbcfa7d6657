"""What the headings of shops' exports mean."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from api.wire.order import ITEM_FIELDS
from core.document import ORDER_FIELDS

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "externalOrderId": "orderid order ordernumber orderno id number name orderkey",
        "totalCost": "total ordertotal amount grandtotal totalprice totalamount sum",
        "status": "orderstatus state",
        "date": "createdat orderdate datecreated created purchasedate paidat",
        "externalCustomerId": "customerid userid clientid buyerid",
        "email": "customeremail emailaddress mail billingemail",
        "phone": "customerphone phonenumber telephone tel mobile billingphone",
        "currency": "currencycode ordercurrency",
        "firstName": "customerfirstname billingfirstname givenname",
        "lastName": "customerlastname billinglastname surname familyname",
        "shipping": "shippingcost shippingtotal shippingamount deliverycost",
        "discount": "discountamount discounttotal",
        "taxes": "tax taxtotal taxamount vat",
        "storeId": "store shop shopid vendorstore",
        "deliveryMethod": "shippingmethod shippingmethodtitle",
        "paymentMethod": "paymentmethodtitle payment gateway",
        "deliveryAddress": "shippingaddress address shippingstreet",
        "statusDate": "updatedat datemodified statuschangedat modified",
        "statusDescription": "statusname statuscomment",
        "items": "lineitems products",
        "items.externalItemId": "lineitemsku sku productid itemid itemsku productsku",
        "items.name": "lineitemname productname itemname product",
        "items.quantity": "lineitemquantity quantity qty itemquantity",
        "items.cost": "lineitemprice itemprice unitprice price",
        "items.url": "producturl itemurl",
        "items.imageUrl": "image imageurl productimage itemimageurl",
    }
)
_FIELDS = (
    {word: field for field, words in _WORDS.items() for word in words.split()}
    | {f"items{field}".lower(): f"items.{field}" for field in ITEM_FIELDS}
    | {field.lower(): field for field in ORDER_FIELDS.values() if field != "extra"}
)


def guess_field(heading: str) -> str | None:
    """The field, whatever the case, spaces and signs in the heading; None when it is none of ours."""
    return _FIELDS.get(re.sub(r"[\W_]+", "", heading).lower())
