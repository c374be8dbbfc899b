"""A client of the Neutron API with one account's token, for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ovirt_quantum.model import RESOURCES

from tests.service import Answer, Service

Document = dict[str, Any]
MEMBERS = {kind.path: kind.member for kind in RESOURCES}
COLLECTIONS = {kind.path: kind.collection for kind in RESOURCES}


@dataclass(frozen=True)
class Client:
    """`path` is a resource's path below /v2.0: `networks`, `qos/policies`."""

    service: Service
    token: str | None = field(repr=False)

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request below /v2.0/; any status is an answer."""
        return self.service.call(method, f"/v2.0/{path}", body, self.token, headers)

    def post(self, path: str, **attributes: Any) -> Answer:
        """Tries to create one. `provider__network_type` stands for `provider:network_type`."""
        return self.send("POST", path, {MEMBERS[path]: _wire(attributes)})

    def put(self, path: str, id: str, **attributes: Any) -> Answer:
        """Tries to change one."""
        return self.send("PUT", f"{path}/{id}", {MEMBERS[path]: _wire(attributes)})

    def create(self, path: str, **attributes: Any) -> Document:
        """Creates one, which must succeed."""
        return self._document(path, self.post(path, **attributes), 201)

    def update(self, path: str, id: str, **attributes: Any) -> Document:
        """Changes one, which must succeed."""
        return self._document(path, self.put(path, id, **attributes), 200)

    def show(self, path: str, id: str) -> Document:
        return self._document(path, self.send("GET", f"{path}/{id}"), 200)

    def delete(self, path: str, id: str) -> None:
        answer = self.send("DELETE", f"{path}/{id}")
        assert (answer.status, answer.body) == (204, None), answer

    def find(self, path: str, query: str = "") -> list[Document]:
        """All of the resource that this account sees, by the query string."""
        answer = self.send("GET", f"{path}?{query}" if query else path)
        assert answer.status == 200, answer
        found: list[Document] = answer.body[COLLECTIONS[path]]
        return found

    def everything(self) -> dict[str, list[Document]]:
        """Every resource of every kind that stands alone: what must be the same after a refused request."""
        answers = {kind: self.send("GET", kind.path) for kind in RESOURCES if not kind.parent}
        assert {answer.status for answer in answers.values()} <= {200, 404}, answers
        return {kind.path: answer.body[kind.collection] for kind, answer in answers.items() if answer.status == 200}

    def _document(self, path: str, answer: Answer, status: int) -> Document:
        assert answer.status == status, answer
        found: Document = answer.body[MEMBERS[path]]
        return found


def _wire(attributes: Document) -> Document:
    return {name.replace("__", ":"): value for name, value in attributes.items()}
