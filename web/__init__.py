"""The web layer: pages, JSON API and sockets, one package per capability."""
