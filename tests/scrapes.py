"""What a scrape of the metrics shows, read as Prometheus reads it."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scrape:
    """The samples of one scrape."""

    text: str

    def all(self, name: str) -> dict[tuple[str, ...], float]:
        """The samples of this name, by the values of their labels in the order of the labels'
        names."""
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name
        }

    def one(self, name: str) -> float:
        """The only sample of this name."""
        (value,) = self.all(name).values()
        return value
