"""Steps that bring an application into a state which tests need, one module per capability.

`onehour/testing/steps/` has those that tests of several capabilities share, as methods of
`MemoryApp`. A new capability writes its own as functions in a module here
(`async def uploaded_file(app, …)`) that its tests import; no other file changes.
"""
