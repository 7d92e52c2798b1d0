"""What all contract classes have: the version of the suites, optional capabilities, and facts about
each case for the report (`onehour.testing.report`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

import pytest

SUITES = 2
"""The version of all suites. It rises by one when cases are added that an adapter may fail which
passed before; cases that only say more about a promise with a case of its own do not change it.

2: payments, payouts, video, push, virus scanners and identity have cases for most of their
promises.
"""
FACTS, ABLE, UNFIT = "onehour.case", "onehour.able", "onehour.unfit"
"""Names of the properties that tests have for the report."""

Case = TypeVar("Case", bound=Callable[..., Any])


class OldSuites(ValueError):
    """A test class asks for a version of the suites that this OneHour does not have."""


def since(version: int) -> Callable[[Case], Case]:
    """A case that this version of the suites has added."""

    def mark(case: Case) -> Case:
        case.since = version  # type: ignore[attr-defined]
        return case

    return mark


class Contract:
    """The base of every contract class. `port` names the port in the report.

    A test class that sets `suites` to the version before this one may fail the cases added since:
    such a failure is reported as expected, until the next version. Without it all cases count.
    Raises `OldSuites` for other versions, when the class is made.
    """

    port: ClassVar[str] = ""
    suites: ClassVar[int] = SUITES

    def __init_subclass__(cls, **further: Any) -> None:
        super().__init_subclass__(**further)
        if not SUITES - 1 <= cls.suites <= SUITES:
            raise OldSuites(
                f"{cls.__name__}: suites must be {SUITES - 1} or {SUITES}, not {cls.suites}."
            )

    @pytest.fixture(autouse=True)
    def _facts_of_the_case(self, request: pytest.FixtureRequest) -> None:
        """Notes what the report says about the case, and lets a new one fail for a while."""
        self._test = request.node
        facts = _facts(type(self), request.node)
        if facts is None:
            return
        self._note(FACTS, facts)
        if facts["since"] > self.suites:
            reason = f"new in version {facts['since']} of the suites"
            request.applymarker(pytest.mark.xfail(reason=reason, strict=False))

    def able(self, capability: str, is_able: bool) -> None:
        """Notes in the report whether the adapter has an optional capability."""
        self._note(ABLE, [capability, is_able])

    def needs(self, capability: str, is_able: bool) -> None:
        """Ends the case as not applicable unless the adapter has this optional capability."""
        self.able(capability, is_able)
        if not is_able:
            self._note(UNFIT, capability)
            pytest.skip(f"not applicable: needs {capability}")

    def _note(self, name: str, value: object) -> None:
        self._test.user_properties.append((name, value))


async def shown_by(call: Awaitable[object]) -> str:
    """What logs show of the error that the call raises; empty if it raises none."""
    try:
        await call
    except Exception as error:
        return f"{error!r} {error}"
    return ""


def cases_of(contract: type) -> set[str]:
    """The names of the cases of a contract class."""
    return {name for name in dir(contract) if name.startswith("test_")}


def _facts(cls: type[Contract], test: pytest.Item) -> dict[str, Any] | None:
    """Of one case; None for a test that is no case of a contract. Plain values: they are sent
    between processes."""
    contract = next(each for each in cls.__mro__ if "port" in vars(each))
    name = getattr(test, "originalname", test.name)
    if not issubclass(contract, Contract) or not contract.port or not hasattr(contract, name):
        return None
    case = getattr(contract, name)
    return {
        "port": contract.port,
        "contract": contract.__name__,
        "suites": cls.suites,
        "case": test.name,
        "name": name,
        "since": getattr(case, "since", 1),
        "replaced": getattr(cls, name) is not case,
        "cases": len(cases_of(contract)),
    }
