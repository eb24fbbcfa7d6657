"""HTTP to addresses that users wrote: never to our own network, whatever a name or a redirect leads to.

Each request, and each hop of a redirect, resolves its host once, looks at every address found, and connects to one of
those that were looked at; so an answer of DNS that changes afterwards (rebinding) changes nothing.
"""

import asyncio
import socket
import ssl
from collections.abc import Collection
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from core.errors import OrdercueError
from core.settings import Settings

_NAT64 = IPv6Network("64:ff9b::/96")
_LONGEST = httpx.Timeout(30.0)


class OutgoingRefusedError(OrdercueError):
    """The host is not on the public internet, and ORDERCUE_OUTGOING_ALLOWED_HOSTS does not name it."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not a public address; ORDERCUE_OUTGOING_ALLOWED_HOSTS can allow it")
        self.host = host


def guarded_client(settings: Settings, *, inner: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for addresses that users wrote. Follows no redirects unless a request asks for it.

    `inner` carries the requests that are let through; by default the network. Requests raise OutgoingRefusedError,
    and httpx.HTTPError as always.
    """
    # a connection that is kept would be shared by names of one address, with the certificate of the first
    limits = httpx.Limits(max_keepalive_connections=0)
    transport = inner or httpx.AsyncHTTPTransport(verify=_trusted(), limits=limits, trust_env=False)
    return httpx.AsyncClient(
        transport=_Guarded(transport, settings.outgoing_allowed_hosts), timeout=_LONGEST, trust_env=False
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities; reading them takes as long as making the rest of a client ten times."""
    return httpx.create_ssl_context(trust_env=False)


class _Guarded(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, allowed: Collection[str]) -> None:
        self._inner = inner
        self._allowed = frozenset(host.lower() for host in allowed)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host.lower() in self._allowed:
            return await self._inner.handle_async_request(request)
        address = await _public_address(host, request)
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # `Host` stays the name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(checked)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _public_address(host: str, request: httpx.Request) -> str:
    """One of the host's addresses, all of which are public. Raises OutgoingRefusedError, httpx.ConnectError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{host} cannot be resolved", request=request) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise OutgoingRefusedError(host)
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in (address, *_within(address)))


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries, and to which a gateway would lead."""
    if isinstance(address, IPv4Address):
        return ()
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in carried if one is not None)
