"""A file of our own export says exactly what its item said."""

from hypothesis import given
from hypothesis import strategies as st

from store.domain.fields import validated_body, validated_tags, validated_title
from store.domain.ids import new_doc_id
from store.imports import Place
from store.interchange.export_markdown import markdown_of
from store.interchange.front_matter import FrontMatter
from store.interchange.markdown_file import read_file
from store.interchange.own_export import read_own
from store.rows import NoteRow, TaskRow

texts = st.text(st.characters(codec="utf-8"))
bodies = st.one_of(
    texts,
    st.builds(
        "---\n{}---\n{}".format,
        st.sampled_from(
            [
                "layout: post\n",
                "# mine\naliases:\n- a\n- b\n\n# end\n",
                "{a: 1, b: 2}\n",
                "title: not of the export\n",
                "Tags: [x]\n",
                "a: 1\na: 2\n",
                "text: |\n  # not a comment\n",
                "",
            ]
        ),
        st.sampled_from(["", "\n", "\ntext\n", "text", "\n\ntext", "\n---\nb: 2\n---\n"]),
    ),
)
titles = st.one_of(texts, st.sampled_from(["No", "3.10", "a: b", "- x", "#", "'", '"', "\u2028é"]))
words = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=50), st.sampled_from(["No", "3.10", "a, b"])
)
tags = st.lists(words.filter(lambda text: text.strip("# \t\n\r") != ""), max_size=3)
times = st.one_of(st.none(), st.integers(0, 4_000_000_000_000))


def kept_title(text: str) -> str:
    return validated_title("T" + text)


def kept_tags(texts: list[str]) -> tuple[str, ...]:
    return validated_tags("t" + text for text in texts)


@given(titles, bodies, tags, st.booleans(), times)
def test_a_note_comes_back_as_it_was(
    title: str, body: str, words: list[str], pinned: bool, at_ms: int | None
) -> None:
    row = NoteRow(
        id=new_doc_id("note", bytes(16)),
        kind="note",
        space="Personal",
        title=kept_title(title),
        body=validated_body(body),
        tags=kept_tags(words),
        pinned=pinned,
        trashed=False,
        created_at_ms=at_ms,
        updated_at_ms=at_ms,
        sync="local",
        conflicts=(),
        snippet="",
    )

    file = read_file("a.md", markdown_of(row).encode(), Place("/a.md"))

    assert file.own is not None
    assert file.own.is_same_as(row)
    assert file.own.at_ms == (None if at_ms is None else at_ms // 1000 * 1000)


@given(
    titles,
    texts,
    tags,
    st.sampled_from(["open", "started", "blocked", "done", "cancelled"]),
    st.sampled_from([None, "2026-01-02", "2026-01-02T03:04:05Z"]),
    st.one_of(st.none(), titles.map(kept_title)),
)
def test_a_task_comes_back_as_it_was(
    title: str, body: str, words: list[str], state: str, due: str | None, name: str | None
) -> None:
    row = TaskRow(
        id=new_doc_id("task", bytes(16)),
        kind="task",
        space="Personal",
        title=kept_title(title),
        state=state,
        due=due,
        priority="high",
        list=name,
        assignee=name,
        tags=kept_tags(words),
        parent=new_doc_id("task", bytes(16)),
        order="V",
        repeat="FREQ=WEEKLY",
        body=validated_body(body),
        trashed=False,
        created_at_ms=1000,
        updated_at_ms=2000,
        sync="local",
        conflicts=(),
        events=(),
    )

    file = read_file("a.md", markdown_of(row).encode(), Place("/a.md"))

    assert file.own is not None
    assert file.own.is_same_as(row)


def test_a_file_with_an_id_of_its_own_kind_is_not_ours() -> None:
    for values in (
        {"id": "202601021530", "kind": "note"},
        {"id": new_doc_id("note", bytes(16)), "kind": "zettel"},
        {},
    ):
        assert read_own(FrontMatter("", values=values)) is None
