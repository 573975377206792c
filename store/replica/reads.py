"""What a replica tells: rows out of projections; documents are opened for history only."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from store import queries, spaces
from store.commands.differences import differences
from store.commands.drafting import draft_of, held_rows
from store.commands.versions import history_of
from store.digest import digest
from store.documents.state import DocState
from store.domain.due_date import due_text
from store.domain.filters import Filter
from store.domain.ids import DocId, SpaceId
from store.queries.items import only_match
from store.replica.conflict_reads import ConflictReads
from store.replica.measures import Measures
from store.rows import (
    Confirmed,
    Difference,
    Digest,
    HeldRow,
    Links,
    NoteRow,
    SafeToClose,
    SearchHit,
    SpaceRow,
    Status,
    TaskRow,
    VersionRow,
)


class Reads(ConflictReads, Measures):
    """The reads of a replica. `space` is a name or id; in lists, None means all."""

    # -- spaces ---------------------------------------------------------------------------------

    def spaces(self) -> list[SpaceRow]:
        """All spaces, oldest first."""
        with self.db.read() as conn:
            return spaces.spaces(conn)

    def space(self, name: str | None = None) -> SpaceRow:
        """A space by name or id; the current one for None. Raises NotFound, Ambiguous."""
        with self.db.read() as conn:
            return spaces.find_space(conn, name)

    def status(self, space: str | None = None) -> Status:
        """The truth about sync, from what is known here, without asking the network."""
        with self.db.read() as conn:
            return queries.status(conn, self._id(space))

    def confirmed(self, doc_id: DocId) -> Confirmed:
        """Where the latest version of an item is confirmed: its server, other devices."""
        with self.db.read() as conn:
            return queries.confirmed(conn, doc_id)

    def safe_to_close(
        self, space: str | None = None, *, known: Status | None = None
    ) -> SafeToClose:
        """Whether everything that was done here is somewhere else too, and what is not.

        `known` is how sync stands there (`status`), for who has asked already.
        """
        with self.db.read() as conn:
            return queries.safe_to_close(conn, self._id(space), known)

    def activity(self, *, rows_max: int, seen: Mapping[str, int]) -> queries.ActivityPage:
        """What changed last, by whom; `seen` says up to where each space (by id) is known."""
        with self.db.read() as conn:
            return queries.activity(conn, rows_max=rows_max, seen=seen)

    def changed_elsewhere(self, seen: Mapping[str, int]) -> int:
        """How many items others changed since a look; of long logs, only so far as it is quick."""
        with self.db.read() as conn:
            return queries.changed_elsewhere(conn, seen)

    def logged_up_to(self) -> dict[str, int]:
        """The last sequence number of each space's log, by its id."""
        with self.db.read() as conn:
            return queries.logged_up_to(conn)

    def waiting(self, limit: int = 10) -> queries.Waiting:
        """What nobody has acknowledged yet, by name."""
        with self.db.read() as conn:
            return queries.waiting(conn, limit=limit)

    def digest(self, space: str | None = None) -> Digest:
        """Two hashes of a space (None: the current one) to compare replicas by."""
        with self.db.read() as conn:
            return digest(conn, SpaceId(spaces.find_space(conn, space).id))

    # -- items ----------------------------------------------------------------------------------

    def find(self, prefix: str) -> DocId:
        """An item by a unique start of its id; raises NotFound, Ambiguous."""
        with self.db.read() as conn:
            return queries.find(conn, prefix)

    def item(self, doc_id: DocId) -> TaskRow | NoteRow:
        """One task or note, with its body and events."""
        self.readings.note(doc_id)
        with self.db.read() as conn:
            return queries.item(conn, doc_id)

    def task(self, doc_id: DocId) -> TaskRow:
        """One task, with its body and events."""
        self.readings.note(doc_id)
        with self.db.read() as conn:
            return queries.task(conn, doc_id)

    def note(self, doc_id: DocId) -> NoteRow:
        """One note, with its body."""
        self.readings.note(doc_id)
        with self.db.read() as conn:
            return queries.note(conn, doc_id)

    def tasks(
        self,
        *,
        view: str = "all",
        list_name: str | None = None,
        tag: str | None = None,
        state: str | None = None,
        space: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[TaskRow]:
        """Tasks of a view: inbox, all, trash by order; today, upcoming by due date."""
        moment = self._moment()
        with self.db.read() as conn:
            rows = queries.tasks(
                conn,
                view=view,
                list_name=list_name,
                tag=tag,
                state=state,
                space=self._id(space),
                today=moment.today,
                day_ends_at=moment.day_ends_at,
                limit=limit,
                offset=offset,
            )
        self.readings.note_one(rows)
        return rows

    def notes(
        self,
        *,
        tag: str | None = None,
        view: str = "all",
        space: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[NoteRow]:
        """Notes without their bodies, pinned first, then the last changed first."""
        with self.db.read() as conn:
            rows = queries.notes(
                conn, tag=tag, view=view, space=self._id(space), limit=limit, offset=offset
            )
        self.readings.note_one(rows)
        return rows

    def task_page(
        self, listing: queries.TaskListing, *, limit: int, space: str | None = None
    ) -> queries.TaskPage:
        """The first lines of a list of tasks, with subtasks and counts."""
        with self.db.read() as conn:
            return queries.task_page(
                conn, listing, self._moment(), space=self._id(space), limit=limit
            )

    def task_counts(self, space: str | None = None) -> queries.TaskCounts:
        """How many open tasks each view, list and tag has."""
        with self.db.read() as conn:
            return queries.task_counts(conn, self._moment(), space=self._id(space))

    def subtasks(self, doc_id: DocId) -> list[queries.TaskLine]:
        """The tasks directly below a task, outside the trash."""
        with self.db.read() as conn:
            return queries.subtasks(conn, doc_id)

    def search(
        self,
        words: str,
        *,
        filters: Sequence[Filter] = (),
        space: str | None = None,
        limit: int = 50,
    ) -> list[SearchHit]:
        """Items that hold the words and that all filters keep, best first; any text is valid."""
        with self.db.read() as conn:
            return queries.search(
                conn,
                words,
                filters=filters,
                moment=self._moment(),
                space=self._id(space),
                limit=limit,
            )

    def links(self, doc_id: DocId) -> Links:
        """The items that an item's text leads to, and those whose texts lead to it."""
        with self.db.read() as conn:
            return queries.links(conn, doc_id)

    def with_item_links(self, doc_id: DocId, text: str) -> str:
        """An item's text with links that lead to items, for showing it."""
        with self.db.read() as conn:
            return queries.with_item_links(conn, doc_id, text)

    def list_names(self, space: str | None = None) -> list[str]:
        """Names of the lists that tasks are in."""
        with self.db.read() as conn:
            return queries.list_names(conn, self._id(space))

    def tag_names(self, space: str | None = None) -> list[str]:
        """Tags that items have."""
        with self.db.read() as conn:
            return queries.tag_names(conn, self._id(space))

    # -- one document ---------------------------------------------------------------------------

    def history(self, doc_id: DocId) -> list[VersionRow]:
        """Every version of an item, newest first."""
        with self._lock, self.db.read() as conn:
            return history_of(self._open(conn, doc_id))

    def state_at(self, doc_id: DocId, version: str) -> DocState:
        """What an item said at a version; raises NotFound, Ambiguous."""
        with self._lock, self.db.read() as conn:
            doc = self._open(conn, doc_id)
            return doc.state_at((doc.version(version),))

    def differences(self, doc_id: DocId, version: str) -> tuple[Difference, ...]:
        """What an item said differently at a version; raises NotFound, Ambiguous."""
        with self._lock, self.db.read() as conn:
            doc = self._open(conn, doc_id)
            return differences(doc.state_at((doc.version(version),)), doc.state())

    def text(self, doc_id: DocId) -> tuple[str, tuple[bytes, ...]]:
        """An item's text for a box, with the heads to save it against.

        A draft that was not turned into a change yet comes with the heads that it was typed on.
        """
        with self._lock, self.db.read() as conn:
            draft = draft_of(conn, doc_id)
            if draft is not None:
                return draft
            doc = self._open(conn, doc_id)
            return doc.state().body, doc.heads

    def held_drafts(self) -> list[HeldRow]:
        """Texts that were taken back and wait for a person."""
        with self.db.read() as conn:
            return held_rows(conn)

    def find_held(self, prefix: str) -> DocId:
        """The item of a held text, by a unique start of its id; raises NotFound, Ambiguous."""
        fitting = [row.doc_id for row in self.held_drafts() if row.doc_id.startswith(prefix)]
        return DocId(only_match("text that was taken back", prefix, fitting))

    def text_writers(self, doc_id: DocId, since: tuple[bytes, ...]) -> list[tuple[str, str]]:
        """Who (person, device) wrote in an item's text after the version with these heads."""
        with self._lock, self.db.read() as conn:
            return self._open(conn, doc_id).text_writers(since)

    def export_document(self, doc_id: DocId) -> bytes:
        """An item as an Automerge file."""
        with self._lock, self.db.read() as conn:
            return self._open(conn, doc_id).doc.save()

    # -- inside -----------------------------------------------------------------------------------

    def _moment(self) -> queries.Moment:
        """The time where the person is."""
        now = datetime.fromtimestamp(self._clock_ms() / 1000, tz=UTC).astimezone()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        ends_at = midnight.replace(tzinfo=None).astimezone()
        return queries.Moment(now.date().isoformat(), due_text(ends_at), due_text(now))
