"""All that authors of plugins and adapters import, besides `onehour.testing`, Quart, pydantic and
the like.

Names here are kept: what is added stays, and what must go is announced one version ahead. They are
listed in `plugins/api.py`; the plugins that are part of OneHour import them there, because they
are below this package. Importing this module starts nothing and reads no setting.
"""

import plugins.api
from plugins.api import *  # noqa: F403

__all__: list[str] = []
__all__ += plugins.api.__all__
