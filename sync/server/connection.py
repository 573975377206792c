"""One HTTP connection: uvicorn's h11 protocol, with bounds that it lacks.

uvicorn waits for ever for the first headers of a connection, and answers what is not HTTP with
plain text. Here a connection that does not send a whole head in time is closed, there is a bound on
the number of connections, and what can't be read is answered with a problem like everything else.
h11 rather than httptools, because it bounds the size of a head. An answer that nobody reads is
given up: uvicorn would hold it as long as the other end keeps the connection.
"""

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from sync.protocol import codec
from sync.protocol.problems import refuse
from sync.server import limits

_NOT_HTTP: Final = codec.encode(
    refuse(
        "malformed", "That is not an HTTP request, or its headers are larger than allowed."
    ).problem,
    codec.JSON,
)


class BoundedConnection(H11Protocol):
    """A connection that can't be held open by saying little.

    Attributes:
        head_s_max: how long the head of a request may take.
        answer_idle_s_max: how long an answer may wait without a byte of it being taken.
    """

    head_s_max: float = limits.HEAD_S_MAX
    answer_idle_s_max: float = limits.ANSWER_IDLE_S_MAX
    _head_timer: asyncio.TimerHandle | None = None
    _answer_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, unless there are too many connections already."""
        super().connection_made(transport)
        if len(self.connections) > limits.CONNECTIONS_MAX:
            transport.close()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Read; stop the clock once a head is complete, start it with the first byte of one."""
        super().data_received(data)
        is_reading_head = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if not is_reading_head:
            self._head_is_here()
        elif self._head_timer is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._head_is_here()
        self._answer_moves_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Note that an answer waits for its reader."""
        super().pause_writing()
        self._watch_answer(None)

    def resume_writing(self) -> None:
        """Note that most of it is on its way."""
        self._answer_moves_on()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- uvicorn's words, not ours
        """Answer what is not HTTP with a problem, where an answer can still begin, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self._is_answering():
            headers = [
                ("content-type", codec.PROBLEM),
                ("content-length", str(len(_NOT_HTTP))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=_NOT_HTTP),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn types it as always there
        return cycle is not None and not cycle.response_complete

    def _watch_answer(self, left_before: int | None) -> None:
        """Hang up, without waiting, on who took nothing since the last look."""
        left = self.transport.get_write_buffer_size()
        if left_before is not None and left >= left_before:
            self.transport.abort()
            return
        self._answer_timer = self.loop.call_later(self.answer_idle_s_max, self._watch_answer, left)

    def _answer_moves_on(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_s_max, self.transport.close)

    def _head_is_here(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
