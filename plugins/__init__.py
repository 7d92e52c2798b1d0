"""How third parties extend the application: hooks, and the manager that calls them."""
