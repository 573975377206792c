"""What the acts of a person are called, in the app and on the command line.

What can never be taken back (`store.commands.finals`) has its own sentence, and is not in here.
"""

from typing import Final

# Of each label that the store keeps: what it is called, and what is said once it is done.
_ACTS: Final = {
    "add": ("a new task", "Added."),
    "note": ("a new note", "A new note."),
    "edit": ("an edit", "Changed."),
    "start": ("starting a task", "Started."),
    "block": ("blocking a task", "Blocked."),
    "done": ("finishing a task", "Done."),
    "cancel": ("cancelling a task", "Cancelled."),
    "reopen": ("opening a task again", "Open again."),
    "trash": ("putting away", "In the trash."),
    "restore": ("taking out of the trash", "Out of the trash."),
    "resolve": ("settling a conflict", "Settled for everyone; it can be opened again."),
    "unresolve": ("opening a conflict again", "Open again, for everyone."),
    "revert": ("going back to a version", "Back to that version."),
    "move": ("moving to another space", "Moved."),
    "import": ("an import", "Imported."),
    "drop-held": ("throwing a text away", "Thrown away."),
    "retry-refused": ("trying again", "Offered to the server once more."),
    "take-back": ("taking back", "Taken back. Its text, if it had one, is kept as a draft."),
    "name": ("changing a name", "That is the name from now on."),
    "appearance": ("another appearance", "That is how it looks now."),
    "thresholds": ("when to warn", "That is when it warns now."),
    "nearby": ("sharing with devices nearby", "Turned."),
    "use-space": ("the space for new items", "New items go there now."),
    "role": ("what a device may do", "It may do that now."),
    "know": ("saying that you know", "Off the list."),
    "salvage": ("saving as new", "Saved as a new item."),
    "stock": ("putting something in stock", "In stock as soon as the server has it."),
    "reserve": ("reserving supplies", "Reserved, or asked for."),
    "confirm": ("confirming a hold", "It is yours as soon as the server has it."),
    "release": ("giving supplies back", "It goes back."),
    "quota": ("asking for a quota", "The quota is asked for."),
    "quota-return": ("giving a quota back", "The quota goes back."),
    "quota-move": ("handing a quota over", "The quota goes over to that device."),
    "write-off": ("writing a quota off", "It is asked for."),
    "settle": ("cancelling what was oversold", "It is asked for; people are told why."),
    "budget": ("opening a budget", "Open as soon as the server has it."),
    "deposit": ("paying in", "It is entered as soon as the server has it."),
    "transfer": ("moving money", "It is on its way."),
    "book": ("a booking", "It is booked as soon as the server says so."),
    "retry": ("trying a booking again", "It is tried again."),
    "apology": ("wording the apology", "It is kept, and asked for."),
}


def act_words(label: str) -> str:
    """Name an act that is taken back or put back; `label` as the store keeps it."""
    return _ACTS[label][0] if label in _ACTS else label


def done_words(label: str) -> str:
    """Say that an act was done."""
    return _ACTS[label][1] if label in _ACTS else f"Done: {label}."
