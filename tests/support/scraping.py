"""Reading what a server tells its operator."""

from collections.abc import Iterable

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families


def samples_in(text: bytes) -> dict[str, float]:
    """The samples of a scrape, by name and the values of their labels."""
    return samples_of(text_string_to_metric_families(text.decode("utf-8")))


def samples_of(families: Iterable[Metric]) -> dict[str, float]:
    """The samples of some metrics, likewise: `sync_requests_total /v1/sync/push,200`."""
    return {
        " ".join((sample.name, ",".join(sample.labels.values()))).strip(): sample.value
        for family in families
        for sample in family.samples
    }
