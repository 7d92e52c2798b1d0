"""The doors of the house: pages, JSON API and sockets, all calling the same services."""
