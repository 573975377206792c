"""What others have to agree to: the server gives a role back, and what it can not is said."""

import pytest

from store.commands.undoing import Undone
from store.domain.errors import NothingToUndo, Refused
from store.domain.membership import Role
from sync.client.undoing import redo, undo
from sync.errors import SyncError
from tests.sync.client.world import Person, World


async def undo_of(person: Person) -> Undone:
    return await undo(person.replica, person.members)


async def let(alice: Person, bob: Person, role: Role) -> None:
    """Let Bob do something else in the space."""
    await alice.members.change_role(bob.replica.identity.replica_id, role, alice.space)


async def role_of(alice: Person, bob: Person) -> str:
    """What Bob may do, as the server has it."""
    mine = bob.replica.identity.replica_id
    return next(d.role for d in await alice.members.devices(alice.space) if d.id == mine)


async def test_a_role_is_given_back_and_put_back_by_the_server(
    here: World, alice: Person, bob: Person
) -> None:
    await let(alice, bob, "viewer")
    assert await role_of(alice, bob) == "viewer"

    undone = await undo_of(alice)

    assert (undone.label, undone.can_return) == ("role", True)
    assert await role_of(alice, bob) == "editor"
    await redo(alice.replica, alice.members)
    assert await role_of(alice, bob) == "viewer"
    await undo_of(alice)
    assert await role_of(alice, bob) == "editor"


async def test_without_the_server_it_stays_and_can_be_undone_later(
    here: World, alice: Person, bob: Person
) -> None:
    await let(alice, bob, "viewer")
    alice.network.is_down = True
    with pytest.raises(SyncError):
        await undo_of(alice)
    alice.network.is_down = False

    assert await role_of(alice, bob) == "viewer"
    await undo_of(alice)
    assert await role_of(alice, bob) == "editor"


async def test_what_somebody_else_changed_since_stays(
    here: World, alice: Person, bob: Person
) -> None:
    await let(alice, bob, "viewer")
    here.set_role(bob, "owner")

    with pytest.raises(Refused, match="was changed since"):
        await undo_of(alice)

    assert await role_of(alice, bob) == "owner"


async def test_a_role_that_was_given_already_is_no_act(
    here: World, alice: Person, bob: Person
) -> None:
    await let(alice, bob, "editor")

    with pytest.raises(Refused, match="An invite"):  # what came before it
        await undo_of(alice)


async def test_entering_letting_in_and_shutting_out_say_why_they_stay(
    here: World, alice: Person, bob: Person
) -> None:
    await alice.members.revoke(bob.replica.identity.replica_id, alice.space)

    said = []
    for person in (alice, alice, alice, bob):
        with pytest.raises(Refused) as refused:
            await undo_of(person)
        said.append(refused.value.detail.partition(":")[0])

    assert said == [
        "Shutting out can't be undone",
        "An invite can't be called back",
        "Making a space can't be undone",
        "Joining can't be undone here",
    ]
    assert (await undo_of(bob)).label == "name"
    with pytest.raises(NothingToUndo):
        await undo_of(bob)


async def test_shutting_out_who_is_out_is_no_act(here: World, alice: Person, bob: Person) -> None:
    device = bob.replica.identity.replica_id
    await alice.members.revoke(device, alice.space)
    with pytest.raises(Refused, match="Shutting out"):
        await undo_of(alice)

    await alice.members.revoke(device, alice.space)

    with pytest.raises(Refused, match="An invite"):
        await undo_of(alice)


async def test_a_space_of_this_device_stays_too(alice: Person) -> None:
    made = await alice.members.create_local("Hut")

    with pytest.raises(Refused, match="Making a space"):
        await undo_of(alice)

    assert alice.replica.space().id == made.id
