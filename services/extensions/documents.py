"""How the states of plugins are stored."""

from core.extensions import PluginState
from ports.documents import DocumentType

PLUGIN_STATES = DocumentType("plugin_states", PluginState)
