"""A booking as a TOML file: what a person writes by hand, read strictly.

name = "Hut weekend"
items = [{ item = "4-person tent", count = 2 }, { item = "Stove", count = 1 }]
fee = { from = "Food", to = "Hut", amount = "25.00" }
deadline = 2026-12-01          # where wanted; a day is its end
task = "t..."                  # where wanted
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from app.local_time import end_of, unix_ms
from store.commands.asking import Plan, PlanFee
from store.domain.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from store.domain.ids import DocId

_FIELDS: Final = {"name", "items", "fee", "deadline", "task"}
_ITEM_FIELDS: Final = {"item", "count"}
_FEE_FIELDS: Final = {"from", "to", "amount", "currency"}


def read_plan(text: str, file: str, *, now: datetime, item: Callable[[str], DocId]) -> Plan:
    """Read a plan.

    Args:
        text: TOML.
        file: what to call it in an error.
        now: aware, in the person's time zone.
        item: finds a task by a start of its id.

    Raises:
        InvalidValue: it is no TOML, or not such a plan; the sentence says where.
        NotFound: there is no such task.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(f"{file} is no TOML: {error}.", field="plan") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, lists a thousand deep
        raise InvalidValue(f"{file} is no plan: what it says is too large.", field="plan") from None
    _check_fields(told, _FIELDS, file)
    items = _field(told, "items", list, file)
    fee = told.get("fee")
    task = told.get("task")
    return Plan(
        name=_field(told, "name", str, file),
        items=tuple(_item(each, f"{file}, item {n}") for n, each in enumerate(items, start=1)),
        fee=None if fee is None else _fee(fee, f"{file}, fee"),
        deadline_ms=_deadline(told.get("deadline"), file, now),
        task=None if task is None else item(_field(told, "task", str, file)),
    )


def _item(told: Any, where: str) -> tuple[str, int]:
    _check_fields(told, _ITEM_FIELDS, where)
    return _field(told, "item", str, where), _field(told, "count", int, where)


def _fee(told: Any, where: str) -> PlanFee:
    _check_fields(told, _FEE_FIELDS, where)
    amount = told.get("amount")
    if isinstance(amount, float):
        raise InvalidValue(
            f'{where}: write the amount in quotes, such as "25.00"; a number may be rounded.',
            field="amount",
        )
    return PlanFee(
        _field(told, "from", str, where),
        _field(told, "to", str, where),
        str(_field(told, "amount", (str, int), where)),
        _field(told, "currency", str, where) if "currency" in told else None,
    )


def _deadline(told: Any, file: str, now: datetime) -> int | None:
    match told:
        case None:
            return None
        case datetime():
            moment = told if told.tzinfo is not None else told.replace(tzinfo=now.tzinfo)
            return unix_ms(moment)
        case date():
            return end_of(told, now)
    raise InvalidValue(
        f"{file}: a deadline is a day or a moment without quotes, such as 2026-12-01.",
        field="deadline",
    )


def _check_fields(told: Any, known: set[str], where: str) -> None:
    if not isinstance(told, dict):
        raise InvalidValue(f"{where}: write it as {{ {', '.join(sorted(known))} }}.", field="plan")
    unknown = sorted(told.keys() - known)
    if unknown:
        raise InvalidValue(
            f"{where}: there is no {unknown[0]!a}; here stand {', '.join(sorted(known))}.",
            field="plan",
        )


def _field(told: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    value = told.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        words = {str: "a text", int: "a whole number", list: "a list"}
        what = words.get(kind, "a text") if isinstance(kind, type) else "a text"
        raise InvalidValue(f"{where}: {name} has to be {what}.", field=name)
    return value
