"""The time where the person is, as conditions on due dates compare with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """The time where the person is: the day, its end as UTC `YYYY-MM-DDTHH:MM:SSZ`, and now."""

    today: str
    day_ends_at: str
    now_at: str

    def parameters(self) -> dict[str, str]:
        """Give them as the parameters that conditions name."""
        return {"today": self.today, "day_ends_at": self.day_ends_at, "now_at": self.now_at}
