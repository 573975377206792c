"""Being let in: what this home asks and proves of itself, and what it believes of who lets it in.

Nothing is written here: `Doorway` keeps what came of it. Only a replica id that somebody else has
in that space is taken anew, for a copied home would else write as two.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from store.domain.errors import Refused
from store.domain.ids import SpaceId, new_replica_id
from sync import errors
from sync.client.doorway import Doorway
from sync.client.link import InviteLink
from sync.client.patient_requests import PatientRequests
from sync.protocol import routes
from sync.protocol.entering import CreateSpace, Join, Joined
from sync.protocol.pairing import PairingSecrets, is_host_proof
from sync.protocol.problems import ALREADY_MEMBER
from sync.protocol.proving import KeyProof, prove

if TYPE_CHECKING:
    from store.replica import Replica


class Admission:
    """Asks to be let into spaces.

    Args:
        replica: the home.
        requests: asks servers.
        doorway: has this home's keys, and the tokens that it owns spaces by.
        entropy: so many random bytes.
    """

    def __init__(
        self,
        replica: "Replica",
        requests: PatientRequests,
        doorway: Doorway,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._replica = replica
        self._requests = requests
        self._doorway = doorway
        self._entropy = entropy

    async def as_owner(self, space: SpaceId, name: str, url: str, setup_code: str | None) -> Joined:
        """Have a server host a space.

        Args:
            space: its id.
            name: what it is called.
            url: where the server is.
            setup_code: as a new server prints it; None where this home owns a space there.

        Raises:
            SyncError: the server refused, or didn't answer.
        """
        identity = await asyncio.to_thread(lambda: self._replica.identity)
        token = None if setup_code else await asyncio.to_thread(self._doorway.owner_token, url)
        proof = await self._proof(setup_code or "", space, identity.replica_id)
        asked = CreateSpace(
            space, name, identity.person, identity.device, identity.replica_id, setup_code, proof
        )
        return await self._requests.ask(url, space, token, routes.CREATE_SPACE, body=asked)

    async def by_link(self, invite: InviteLink) -> Joined:
        """Be let in by an invite link.

        Raises:
            Refused: the server's supplies and money are not those of the invite.
            SyncError: the server refused, or didn't answer.
        """
        joined = await self._join(invite.secret, invite.space, invite.server)
        if invite.ledger_key and joined.ledger_key != invite.ledger_key:
            raise Refused(
                "The server does not keep the supplies and money that the invite is for; nothing "
                "was joined. Ask whoever invited you for a new link."
            )
        return joined

    async def by_code(self, secrets: PairingSecrets, url: str) -> Joined:
        """Be let in by the code that another device shows.

        Raises:
            InviteRefused: what answered doesn't know the code itself.
            SyncError: the device refused, or didn't answer.
        """
        joined = await self._join(secrets.secret, "", url)
        _check_host(joined, secrets)
        return joined

    async def _join(self, secret: str, space: str, url: str) -> Joined:
        try:
            return await self._join_as_we_are(secret, space, url)
        except errors.Refused as error:
            if error.type != ALREADY_MEMBER:
                raise
        fresh = new_replica_id(self._entropy(16))
        await asyncio.to_thread(self._replica.set_replica_id, fresh)
        return await self._join_as_we_are(secret, space, url)

    async def _join_as_we_are(self, secret: str, space: str, url: str) -> Joined:
        identity = await asyncio.to_thread(lambda: self._replica.identity)
        proof = await self._proof(secret, space, identity.replica_id)
        asked = Join(secret, space, identity.person, identity.device, identity.replica_id, proof)
        return await self._requests.ask(url, SpaceId(space), None, routes.JOIN, body=asked)

    async def _proof(self, secret: str, space: str, replica: str) -> KeyProof:
        keys = await asyncio.to_thread(self._doorway.keys)
        return prove(keys, secret=secret, space=space, replica=replica)


def _check_host(joined: Joined, secrets: PairingSecrets) -> None:
    """Make sure that whoever let us in knows the code too, and gave just this."""
    is_proven = (
        joined.list_key is not None
        and joined.host is not None
        and joined.proof is not None
        and is_host_proof(
            joined.proof,
            secrets.proof_key,
            space=joined.space,
            token=joined.token,
            list_key=joined.list_key,
        )
    )
    if not is_proven:
        raise errors.InviteRefused(
            "What answered does not know the code itself, so it is not the device that shows it; "
            "nothing was joined.",
            type="not-the-host",
        )
