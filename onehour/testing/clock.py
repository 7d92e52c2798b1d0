"""The contracts of every `Clock` and every `Ids`, and a clock that tests set."""

from __future__ import annotations

import re
from datetime import timedelta

from adapters.memory.clock import FixedClock
from onehour.testing.suite import Contract
from ports.clock import Clock, Ids

__all__ = ["ClockContract", "FixedClock", "IdsContract"]

ID = re.compile(r"bkg_[0-9a-z]{26}")


class ClockContract(Contract):
    """Provide `clock`."""

    port = "clock"

    def test_it_gives_utc_in_whole_milliseconds(self, clock: Clock) -> None:
        now = clock.now()
        assert now.utcoffset() == timedelta()
        assert now.microsecond % 1000 == 0

    def test_it_never_goes_back(self, clock: Clock) -> None:
        times = [clock.now() for _ in range(100)]
        assert times == sorted(times)


class IdsContract(Contract):
    """Provide `ids`."""

    port = "ids"

    def test_an_id_has_a_prefix_for_its_kind_and_26_letters_and_digits(self, ids: Ids) -> None:
        assert ID.fullmatch(ids.new("bkg"))

    def test_no_id_comes_twice(self, ids: Ids) -> None:
        assert len({ids.new("bkg") for _ in range(2000)}) == 2000

    def test_a_secret_has_256_bits_and_fits_into_a_cookie(self, ids: Ids) -> None:
        secrets = {ids.secret() for _ in range(100)}
        assert len(secrets) == 100
        assert all(re.fullmatch(r"[\w-]{43,}", secret) for secret in secrets)
