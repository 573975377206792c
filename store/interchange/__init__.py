"""How items come in from other programs' files, and how they leave as files.

May import everything of the store, and is imported by `app` only; PyYAML and icalendar are loaded
when a file needs them, never before.
"""

from store.interchange.errors import ExportRefused, ExportStopped, ImportRefused
from store.interchange.export import ExportFormat, export
from store.interchange.import_files import ImportFormat, format_of, import_files
from store.interchange.report import Dropped, ImportReport, Progress

__all__ = [
    "Dropped",
    "ExportFormat",
    "ExportRefused",
    "ExportStopped",
    "ImportFormat",
    "ImportRefused",
    "ImportReport",
    "Progress",
    "export",
    "format_of",
    "import_files",
]
