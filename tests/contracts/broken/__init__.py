"""Adapters in memory that each break one promise of their port, so that the cases of the contract
suites can be seen to fail. `tests/contracts/test_broken_adapters.py` runs the suites on them."""
