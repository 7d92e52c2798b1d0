"""How reports of Lighthouse become scores, and which scores are too low."""

from __future__ import annotations

from typing import Any

import pytest

from bench.lighthouse import LIMITS, Scores

AUDITS = {"first-paint": 0.4, "contrast": 1, "image-alt": None}


def a_report(**changed: float | None) -> dict[str, Any]:
    refs = [{"id": audit, "weight": 1} for audit in AUDITS]
    scores = dict.fromkeys(LIMITS, 1.0) | {name.replace("_", "-"): s for name, s in changed.items()}
    return {
        "requestedUrl": "http://127.0.0.1/",
        "categories": {one: {"score": score, "auditRefs": refs} for one, score in scores.items()},
        "audits": {audit: {"score": score} for audit, score in AUDITS.items()},
    }


def test_scores_are_read_with_the_audits_that_cost_points() -> None:
    scores = Scores.read(a_report(performance=0.96))

    assert scores.of == {"performance": 96, "accessibility": 100, "best-practices": 100, "seo": 100}
    assert scores.lost == {"first-paint"}
    assert scores.too_low == []


@pytest.mark.parametrize(
    ("category", "score"),
    [("performance", 0.94), ("accessibility", 0.99), ("best_practices", 0.99), ("seo", 0.99)],
)
def test_a_score_below_its_limit_is_too_low(category: str, score: float) -> None:
    assert Scores.read(a_report(**{category: score})).too_low == [category.replace("_", "-")]


def test_the_median_of_the_performance_counts_and_the_lowest_of_the_others() -> None:
    runs = [
        Scores.read(a_report(performance=one, seo=other))
        for one, other in ((0.99, 1), (0.80, 1), (0.97, 0.92))
    ]

    summary = Scores.summary(runs)

    assert summary.of == {"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 92}


def test_a_report_without_a_score_is_an_error() -> None:
    with pytest.raises(RuntimeError, match=r"http://127\.0\.0\.1/"):
        Scores.read(a_report(performance=None))
