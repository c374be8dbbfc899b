"""Where a message ends: OVSDB writes JSON objects one after the other, with nothing between them."""

import re
from collections.abc import Iterator

# Possessive, so that each byte is looked at once or twice, whatever a peer sends.
_UNTIL_BRACE = re.compile(rb'(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_UNTIL_QUOTE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")


class Malformed(ValueError):
    """The peer sent what is no message of the protocol."""


class Scanner:
    """Cuts a stream of bytes into JSON objects, of at most `most_bytes` each. It looks at braces and strings alone."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._buffer = bytearray()
        self._seen = 0
        self._depth = 0
        self._in_string = False

    @property
    def pending(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that end within `data`. Raises Malformed; the scanner is of no use after that."""
        self._buffer += data
        while self._find_end():
            message = bytes(self._buffer[: self._seen])
            del self._buffer[: self._seen]
            self._seen = 0
            yield message
        if len(self._buffer) > self._most_bytes:
            raise Malformed(f"a message of more than {self._most_bytes} bytes")

    def _find_end(self) -> bool:
        if not self._depth and not self._begin():
            return False
        while self._depth and self._step():
            pass
        return not self._depth

    def _begin(self) -> bool:
        space = _SPACE.match(self._buffer)
        if space:
            del self._buffer[: space.end()]
        if not self._buffer:
            return False
        if self._buffer[0] != ord("{"):
            raise Malformed(f"{bytes(self._buffer[:20])!r} where a JSON object should begin")
        self._depth = 1
        self._seen = 1
        return True

    def _step(self) -> bool:
        """Goes on to the next brace or quote; whether there was one."""
        match = (_UNTIL_QUOTE if self._in_string else _UNTIL_BRACE).match(self._buffer, self._seen)
        end = match.end() if match else self._seen
        self._seen = end
        if end == len(self._buffer) or self._buffer[end] == ord("\\"):
            return False
        found = self._buffer[end]
        self._seen += 1
        if found == ord('"'):
            self._in_string = not self._in_string
        else:
            self._depth += 1 if found == ord("{") else -1
        return True
