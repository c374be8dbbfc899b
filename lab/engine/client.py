"""Requests of one engine action to one provider (openstack-java-sdk's OpenStackClient and Quantum)."""

from __future__ import annotations

import http.client
from collections.abc import Sequence

from lab.engine import jackson
from lab.engine.connector import Answer, check_status, provider_connector, read_entity
from lab.engine.errors import NullPointer
from lab.engine.jackson import Reader, T
from lab.engine.models import Network, Port, Subnet, collection_of
from lab.engine.provider import Provider
from lab.engine.tokens import TokenSource, token_source

Json = dict[str, object]


class Client:
    """Lives for one action: its token is asked for before the first request and never carried to the next action."""

    def __init__(self, provider: Provider) -> None:
        self._base = f"{provider.url}/v2.0"
        self._connector = provider_connector(provider.truststore)
        self._tokens: TokenSource | None = token_source(provider) if provider.requires_authentication else None

    def check(self) -> None:
        """GET /v2.0/: any JSON object will do."""
        self._read("GET", "/", jackson.map_of(jackson.anything))

    def networks(self) -> list[Network]:
        """GET /v2.0/networks: all of them; the engine never asks for a part."""
        return self._list("networks", jackson.object_of(Network))

    def network(self, network_id: str) -> Network:
        """GET /v2.0/networks/{id}."""
        return self._one("network", Network, "GET", f"/networks/{network_id}")

    def create_network(self, network: Json) -> Network:
        """POST /v2.0/networks."""
        return self._one("network", Network, "POST", "/networks", network)

    def delete_network(self, network_id: str) -> None:
        """DELETE /v2.0/networks/{id}."""
        self._request("DELETE", f"/networks/{network_id}")

    def subnets(self) -> list[Subnet]:
        """GET /v2.0/subnets: those of all networks."""
        return self._list("subnets", jackson.object_of(Subnet))

    def create_subnet(self, subnet: Json) -> None:
        """POST /v2.0/subnets; the answer is parsed and not used."""
        self._read("POST", "/subnets", jackson.unwrap("subnet", jackson.object_of(Subnet)), {"subnet": subnet})

    def delete_subnet(self, subnet_id: str) -> None:
        """DELETE /v2.0/subnets/{id}."""
        self._request("DELETE", f"/subnets/{subnet_id}")

    def ports(self) -> list[Port]:
        """GET /v2.0/ports: those of all networks and devices."""
        return self._list("ports", jackson.object_of(Port))

    def create_port(self, port: Json) -> Port:
        """POST /v2.0/ports."""
        return self._one("port", Port, "POST", "/ports", port)

    def update_port(self, port_id: str, port: Json) -> None:
        """PUT /v2.0/ports/{id}; the answer is parsed and not used."""
        self._read("PUT", f"/ports/{port_id}", jackson.unwrap("port", jackson.object_of(Port)), {"port": port})

    def delete_port(self, port_id: str) -> None:
        """DELETE /v2.0/ports/{id}: a 404 is a failure as any other."""
        self._request("DELETE", f"/ports/{port_id}")

    def _list(self, key: str, model: Reader[T | None]) -> list[T]:
        return _all_there(self._read("GET", f"/{key}", collection_of(key, model)), key)

    def _one(self, root: str, model: type[T], method: str, path: str, entity: Json | None = None) -> T:
        body: Json | None = None if entity is None else {root: entity}
        found = self._read(method, path, jackson.unwrap(root, jackson.object_of(model)), body)
        if found is None:
            raise NullPointer(f"{method} {path}: the answer held no {root}")
        return found

    def _read(self, method: str, path: str, reader: Reader[T], body: Json | None = None) -> T | None:
        return read_entity(self._request(method, path, body), reader)

    def _request(self, method: str, path: str, body: Json | None = None) -> Answer:
        """Send it; on 401 once more with a new token. Raises ProviderFailure."""
        answer = self._send(method, path, body)
        if answer.status == http.client.UNAUTHORIZED and self._tokens is not None:
            self._tokens.expire()
            answer = self._send(method, path, body)
        check_status(answer)
        return answer

    def _send(self, method: str, path: str, body: Json | None) -> Answer:
        headers = self._headers()
        encoded = b""
        if body is not None:
            encoded = jackson.write(body).encode()
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Content-Length"] = str(len(encoded))
        return self._connector.send(method, self._base + path, headers, encoded)

    def _headers(self) -> dict[str, str]:
        """Accept, and X-Auth-Token if and only if the provider requires authentication."""
        token = self._tokens.token() if self._tokens else None
        return {"Accept": "application/json"} | ({} if token is None else {"X-Auth-Token": token})


def _all_there(items: Sequence[T | None] | None, key: str) -> list[T]:
    """The engine walks the list without looking: no list, or a null in it, is a null pointer."""
    if items is None or any(item is None for item in items):
        raise NullPointer(f"GET /{key}: the answer has no list {key!r}, or a null in it")
    return [item for item in items if item is not None]
