"""HTTP to the service. The standard library's client does all that a command needs, so httpx stays with the tests."""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from .failure import Failure

WAIT_S = 60.0
"""For each answer of the network; an inventory of thousands of hosts takes seconds."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for this service alone: it goes nowhere else."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None


@dataclass(frozen=True)
class Client:
    """A service's base URL, `https://host:9696`, and a token of an administrator."""

    url: str
    token: str = field(repr=False)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def get(self, path: str) -> dict[str, Any]:
        """Raises Failure."""
        return self._ask("GET", path, None)

    def put(self, path: str, body: object) -> dict[str, Any]:
        """Raises Failure, with the service's own words where it refused."""
        return self._ask("PUT", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with self._opener().open(request, timeout=WAIT_S) as response:
                return _object(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise Failure(_refusal(error)) from None
        except urllib.error.URLError as error:
            raise Failure(f"no answer from {self.url}: {error.reason}. Is the service running?") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failure(
                f"no usable answer from {self.url}: {error!r}. Is it ovirt-quantum that runs there?"
            ) from None

    def _opener(self) -> urllib.request.OpenerDirector:
        """No proxy either: it would see the token."""
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.tls), _NoRedirect
        )


def _object(raw: bytes) -> dict[str, Any]:
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")
    return answer


def _refusal(error: urllib.error.HTTPError) -> str:
    """Neutron's message, or the status where the answer is nobody's of ours."""
    try:
        return str(json.loads(error.read())["NeutronError"]["message"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.url} answered {error.code} {error.reason}"
