"""What goes wrong in the engine when it talks to an external network provider."""

from __future__ import annotations


class EngineError(Exception):
    """An action of the engine failed."""


class ProviderFailure(EngineError):
    """PROVIDER_FAILURE: what the engine makes of every failed request, in any of its actions.

    All that an administrator is told of an answer is the standard reason phrase of its status: the body is dropped
    (engine source: BaseNetworkProviderProxy.execute; openstack-java-sdk: RESTEasyConnector.request).
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status  # of the answer; None if there was none or it could not be read


class MessagelessFailure(ProviderFailure):
    """A NullPointerException inside a request. The engine makes it a PROVIDER_FAILURE without a cause, and then
    EngineException.getMessage() meets a null pointer itself: the administrator sees no reason at all."""


class NullPointer(EngineError):
    """A NullPointerException outside of what the engine turns into PROVIDER_FAILURE: no action expects it."""


class Refused(EngineError):
    """The engine's own validation says no; nothing was sent."""
