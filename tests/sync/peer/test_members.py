"""Who may do what is enforced at every device by the same signed list, and told to whom it hits."""

import pytest

from store.domain.errors import AskOthers, NotFound, Refused
from sync.client.own_members import give_role, give_role_back, shut_out
from sync.client.undoing import redo, undo
from sync.errors import AuthRefused
from tests.sync.peer.lan import Lan, Neighbour, make


async def test_who_is_shut_out_keeps_all_and_reads_and_writes_nowhere_that_knows(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    cid = here.person("cid")
    await cid.join(ann)
    await cid.join(ben)
    cid.add("From Cid")
    await here.settle(cid, ben, ann)

    shut_out(ann.replica, "cids laptop", here.space)
    await ben.sync()  # he hears it from her
    cid.add("Too late")
    result = await cid.engine.sync_until_quiet(here.space)

    assert isinstance(result.error, AuthRefused)
    assert (result.error.type, result.state) == ("revoked", "attention")
    assert {peer.state for peer in cid.peers()} == {"auth-refused"}
    assert cid.titles() == ["From Cid", "Too late"]
    assert ann.titles() == ben.titles() == ["From Cid"]
    assert "cids laptop" not in ben.listed()


async def test_nothing_is_taken_from_a_host_that_was_shut_out(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    cid = here.person("cid")
    await cid.join(ben)
    await cid.join(ann)
    shut_out(ann.replica, "bens laptop", here.space)
    ben.add("Too late")

    result = await cid.engine.sync_until_quiet(here.space)

    assert result.error is None  # Ann is there
    assert cid.titles() == []
    by_name = {peer.name: peer.state for peer in cid.peers()}
    assert by_name == {"anns laptop": "idle", "bens laptop": "auth-refused"}


async def test_whom_an_owner_let_in_is_let_in_anew_by_another(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    cid = here.person("cid")
    await cid.join(ben)
    await here.settle(ben, ann)
    shut_out(ann.replica, "bens laptop", here.space)
    assert ann.listed() == {"anns laptop": "owner"}  # who came by Ben went with him

    await cid.join(ann)
    cid.add("Back again")
    await cid.engine.sync_until_quiet(here.space)

    assert ann.titles() == ["Back again"]
    assert ann.listed() == {"anns laptop": "owner", "cids laptop": "editor"}


async def test_a_viewer_is_refused_beforehand_and_comes_to_edit_by_the_list(
    here: Lan, ann: Neighbour
) -> None:
    vera = here.person("vera")
    await vera.join(ann, "viewer")
    await vera.sync()
    with pytest.raises(Refused, match="viewer"):
        vera.add("Not allowed")

    make(here, ann, vera, "editor")
    await vera.sync()
    vera.add("Allowed")
    await vera.sync()

    assert ann.titles() == ["Allowed"]
    make(here, ann, vera, "viewer")
    await vera.sync()
    with pytest.raises(Refused, match="viewer"):
        vera.add("No more")


async def test_what_was_written_before_the_list_said_viewer_is_shown_and_sent_later(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    await ben.sync()
    task = ben.add("Written as an owner")
    make(here, ann, ben, "viewer")

    result = await ben.engine.sync_until_quiet(here.space)

    assert result.state == "attention"
    assert len(ben.parked()) == 1
    assert ben.replica.task(task).sync == "error"
    make(here, ann, ben, "editor")
    await ben.sync()
    await ben.sync()
    assert ann.titles() == ["Written as an owner"]
    assert ben.parked() == set()


async def test_a_host_that_has_not_heard_yet_parks_nothing(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    """Ann made Vera an editor; Ben's device still has her as a viewer when she comes by."""
    ben.serve()
    vera = here.person("vera")
    await vera.join(ann, "viewer")
    await ben.sync()
    await vera.join(ben)
    await vera.sync()
    make(here, ann, vera, "editor")
    (by_ann,) = [peer for peer in vera.peers() if peer.name == "anns laptop"]
    await vera.engine.sync_peer(by_ann.id)
    vera.add("As an editor")
    (by_ben,) = [peer for peer in vera.peers() if peer.name == "bens laptop"]

    await vera.engine.sync_peer(by_ben.id)  # which brings Ben the word
    assert vera.parked() == set()
    await vera.engine.sync_peer(by_ben.id)

    assert ben.titles() == ["As an editor"]


async def test_only_an_owner_shuts_out_and_nobody_oneself(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    cid = here.person("cid")
    await cid.join(ann)
    await cid.sync()

    with pytest.raises(Refused, match="Only a device of an owner changes"):
        shut_out(cid.replica, "bens laptop", here.space)
    with pytest.raises(Refused, match="its own place"):
        shut_out(ann.replica, "anns laptop", here.space)
    with pytest.raises(NotFound):
        shut_out(ann.replica, "nobody", here.space)


async def test_only_an_owner_gives_roles_and_to_nobody_who_is_out_or_themselves(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    cid = here.person("cid")
    await cid.join(ann)
    await cid.sync()

    with pytest.raises(Refused, match="Only a device of an owner"):
        give_role(cid.replica, "cids laptop", "owner", here.space)
    with pytest.raises(Refused, match="its own place"):
        give_role(ann.replica, "anns laptop", "viewer", here.space)
    shut_out(ann.replica, "cids laptop", here.space)
    with pytest.raises(Refused, match="new code"):
        give_role(ann.replica, cid.replica.identity.replica_id, "editor", here.space)

    assert ann.listed() == {"anns laptop": "owner", "bens laptop": "owner"}


async def test_a_role_is_given_back_by_a_new_signature_and_shutting_out_stays(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    cid = here.person("cid")
    await cid.join(ann)
    make(here, ann, cid, "viewer")

    assert (await undo(ann.replica, ann.members)).label == "role"
    assert ann.listed()["cids laptop"] == "editor"
    assert (await redo(ann.replica, ann.members)).label == "role"
    assert ann.listed()["cids laptop"] == "viewer"
    await undo(ann.replica, ann.members)
    await cid.sync()
    assert cid.replica.space(here.space).role == "editor"

    shut_out(ann.replica, "cids laptop", here.space)
    with pytest.raises(Refused, match="Shutting out can't be undone"):
        await undo(ann.replica, ann.members)


async def test_a_role_is_not_given_back_where_it_was_changed_since_it_was_looked_up(
    here: Lan, ann: Neighbour
) -> None:
    """Another program of the same home may be faster, also with the very same role."""
    cid = here.person("cid")
    await cid.join(ann)
    make(here, ann, cid, "viewer")
    with pytest.raises(AskOthers) as asked:
        ann.replica.undo()

    for role in ("editor", "owner"):
        make(here, ann, cid, role)
        with pytest.raises(Refused, match="was changed since"):
            give_role_back(ann.replica, asked.value, here.space)

        assert ann.listed()["cids laptop"] == role
