"""Mallory: a member with a good token who sends what nobody should."""

from random import Random
from typing import TYPE_CHECKING

from store.documents.schema import genesis_actor
from store.domain.ids import DocId, new_doc_id
from sync.errors import SyncError
from sync.protocol.messages import Row
from sync.transport.memory import MemoryTransport
from tests.support.asking import Member
from tests.support.pushes import Made, change, flipped

if TYPE_CHECKING:
    from tests.simulation.server import Server

KINDS = (
    "a change of nobody's document",
    "a flipped bit",
    "another hash",
    "no document",
    "another kind of row",
    "a forged beginning",
    "the beginning's author",
    "a number twice",
    "what builds on nothing",
    "rubbish",
)


class Mallory:
    """Sends rows to the server, one kind at a time."""

    def __init__(self, server: "Server", token: str, space: str, replica: str, rng: Random) -> None:
        self._rng = rng
        self._member = Member(MemoryTransport(server.exchange), space, token, replica)  # type: ignore[arg-type]

    async def send(self, docs: list[DocId]) -> str:
        """Send something bad about one of these documents; tells what, and what was answered."""
        kind = self._rng.choice(KINDS)
        doc = self._rng.choice(docs) if docs and self._rng.random() < 0.7 else self._new_doc()
        try:
            reply = await self._member.push(*self._rows(kind, doc))
        except SyncError as error:
            return f"{kind}: {error.type}"
        reasons = sorted(one.type for one in reply.refused)
        return f"{kind}: {reply.accepted} taken, {reasons} refused, {len(reply.missing)} waiting"

    def _rows(self, kind: str, doc: DocId) -> list[Row]:  # noqa: C901 -- a table of kinds
        made = self._change(doc)
        match kind:
            case "a flipped bit":
                return [flipped(made.row)]
            case "another hash":
                return [Row("change", doc, self._rng.randbytes(32), made.raw)]
            case "no document":
                return [Row("change", "../etc", made.hash, made.raw)]
            case "another kind of row":
                return [Row("ledger", doc, made.hash, made.raw)]
            case "a forged beginning":
                return [self._change(doc, deps=()).row]
            case "the beginning's author":
                return [self._change(doc, actor=genesis_actor(doc), seq=2).row]
            case "a number twice":
                actor = self._rng.randbytes(16)
                return [self._change(doc, actor=actor).row, self._change(doc, actor=actor).row]
            case "what builds on nothing":
                return [self._change(doc, deps=[self._rng.randbytes(32)]).row]
            case "rubbish":
                return [Row("change", doc, self._rng.randbytes(32), self._rng.randbytes(60))]
        return [made.row]

    def _change(self, doc: DocId, **fields: object) -> Made:
        fields.setdefault("actor", self._rng.randbytes(16))
        title = f"Mallory {self._rng.randrange(1 << 30)}"
        return change(doc, title=title, author="Mallory", **fields)  # type: ignore[arg-type]

    def _new_doc(self) -> DocId:
        return new_doc_id(self._rng.choice(("task", "note")), self._rng.randbytes(16))
