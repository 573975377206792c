"""What a member puts in stock by a command, and what the acts in its feed tell."""

from store.domain.ledger import commands as c
from store.domain.ledger.policies import Policy, PolicyName
from store.ledger.codec import decode_act, decode_row
from sync.protocol import messages as m
from tests.support.asking import Member
from tests.support.ledger_ids import new


async def item(who: Member, policy: PolicyName, count: int = 3, **numbers: int) -> str:
    """Put something in stock; gives its id."""
    made = new("i")
    (decision,) = await who.command(
        c.AddItem(made, f"Tent {made[-5:]}", count, Policy(policy, **numbers))
    )
    assert decision.ok
    return made


def facts_of(rows: list[m.Row]) -> list[object]:
    """What the acts of some rows tell, in their order."""
    return [fact for row in rows for fact in decode_act(decode_row(row.raw).body)[1]]
