"""The domain model: entities, value objects, state tables and policies. Standard library only."""
