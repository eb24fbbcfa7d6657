"""The connection to Temporal: one data converter for production, tests and replay."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import SEARCH_ATTRIBUTES
from core.errors import UnavailableError
from core.settings import Settings

DATA_CONVERTER = pydantic_data_converter


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client of Temporal. With `lazy` the first call connects, so that a server that is away does not matter yet.

    Raises UnavailableError when the server does not answer.
    """
    key = settings.temporal_api_key
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=DATA_CONVERTER,
            api_key=key.get_secret_value() if key else None,
            lazy=lazy,
        )
    except RuntimeError as error:  # the SDK raises a bare RuntimeError when it cannot connect
        msg = f"Temporal does not answer at {settings.temporal_address}; check ORDERCUE_TEMPORAL_ADDRESS"
        raise UnavailableError(msg) from error


async def register_search_attributes(client: Client) -> None:
    """Make the namespace know our search attributes. Doing so twice is harmless."""
    for key in SEARCH_ATTRIBUTES:  # one by one: a request with one that exists adds none of the others
        kinds = {key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
