"""Examines a home and repairs it: the log is the truth, all else can be made from it again.

    examine       says what is sound and what is not, and changes nothing
    repair        makes rows anew; moves damaged changes to quarantine, so that a sync fetches them
    repair_home   saves what can be read from a database file that SQLite no longer takes

No repair discards anything: what can't be used is kept, in quarantine or in the damaged file. May
import all of the store.
"""

from store.doctor.examination import Check, Examination
from store.doctor.examine import examine
from store.doctor.home_file import NothingToSave, repair_home
from store.doctor.repair import repair

__all__ = ["Check", "Examination", "NothingToSave", "examine", "repair", "repair_home"]
