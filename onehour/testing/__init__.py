"""The contracts of the ports as test classes, for those who write an adapter.

Inherit the class of your port, provide its fixture, and run pytest: docs/adapters.md shows
how. Needs pytest and pytest-asyncio, which the application itself does not install.
`onehour.testing.suite.SUITES` is their version, `onehour.testing.report` a plugin of pytest that
says what an adapter can do, `onehour.testing.patience` one that lifts the time limits of plugins.

PYTEST_DONT_REWRITE: there is nothing to rewrite in this file, which is imported first.
"""
