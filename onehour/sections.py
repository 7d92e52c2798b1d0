"""Reads a section of the settings: a pydantic model, from the environment's texts.

pydantic-settings finds the values by their names, pydantic checks them; here a failure becomes
one sentence that names the setting and never repeats its value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import BaseSettings, EnvSettingsSource

from ports.settings import WrongSetting

PREFIX = "ONEHOUR_"
PLUGIN_PREFIX = "ONEHOUR_PLUGIN_"

S = TypeVar("S", bound=BaseModel)


def read_section(model: type[S], texts: Mapping[str, str], *, prefix: str | None = None) -> S:
    """The section `model`, from texts by setting name. Other names are ignored, an empty text
    means the default. `prefix` precedes the names of its fields; by default the model's own
    `env_prefix`. Raises `WrongSetting`."""
    names = _names(model, prefix)
    source = _Texts(model, texts, _prefix(model, prefix))
    try:
        if issubclass(model, BaseSettings):
            return model(_build_sources=((source,), {}))
        return model.model_validate(source())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # The cause is left out: it may show what was given.
        raise WrongSetting(_sentence(first, model, names)) from None


def plugin_section(model: type[S], name: str, texts: Mapping[str, str]) -> S:
    """The settings of the plugin `name`: each field of `model` is read from
    `ONEHOUR_PLUGIN_<NAME>_<FIELD>` among `texts`, where a dash in the name is written `_`.
    Raises `WrongSetting`."""
    return read_section(model, texts, prefix=plugin_prefix(name))


def plugin_prefix(name: str) -> str:
    """What the settings of a plugin begin with: `ONEHOUR_PLUGIN_QUIET_HOURS_`."""
    return f"{PLUGIN_PREFIX}{name.replace('-', '_').replace('.', '_').upper()}_"


def section_names(model: type[BaseModel], *, prefix: str | None = None) -> dict[str, str]:
    """The settings of a section, with the text of each default; "" means: not set."""
    names = _names(model, prefix)
    return {
        names[_key(name, part)]: _text(part.default) for name, part in model.model_fields.items()
    }


def refuse_unknown(texts: Mapping[str, str], known: Collection[str]) -> None:
    """Raises `WrongSetting`, with the nearest name, for a setting that is not `known`."""
    for name in texts:
        if name not in known:
            nearest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise WrongSetting(f"{name} is not a setting; the nearest name is {nearest}.")


def refuse_control_characters(texts: Mapping[str, str]) -> None:
    """Raises `WrongSetting` for a text with a line break or another control character, which is
    always a mistake and would end up in headers, addresses or file names."""
    for name, text in texts.items():
        if any(unicodedata.category(each) in {"Cc", "Cs"} for each in text):
            raise WrongSetting(f"{name} must be one line without control characters.")


class _Texts(EnvSettingsSource):
    """Reads from the texts it is given where its base class reads from `os.environ`."""

    def __init__(self, model: type[BaseModel], texts: Mapping[str, str], prefix: str) -> None:
        # Set first: the base class loads the variables while it is made.
        self._given = {name.lower(): text for name, text in texts.items() if text}
        self._names = _names(model, prefix)
        super().__init__(cast(type[BaseSettings], model), case_sensitive=False, env_prefix=prefix)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """The JSON of a list or mapping."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            name = self._names[_key(field_name, field)]
            raise WrongSetting(f"{name} must be {field.description or 'JSON'}.") from None


def _prefix(model: type[BaseModel], prefix: str | None) -> str:
    return str(model.model_config.get("env_prefix", "")) if prefix is None else prefix


def _names(model: type[BaseModel], prefix: str | None) -> dict[str, str]:
    """Each field's setting, by the key under which pydantic tells of a failure."""
    start = _prefix(model, prefix)
    return {
        _key(name, part): _alias(part) or f"{start}{name}".upper()
        for name, part in model.model_fields.items()
    }


def _key(name: str, part: FieldInfo) -> str:
    return _alias(part) or name


def _alias(part: FieldInfo) -> str:
    return part.validation_alias if isinstance(part.validation_alias, str) else ""


def _sentence(error: ErrorDetails, model: type[BaseModel], names: Mapping[str, str]) -> str:
    told = error.get("ctx", {}).get("error")
    if not error["loc"]:
        return str(told or "The settings contradict each other.")
    key = str(error["loc"][0])
    if error["type"] == "missing":
        return f"{names[key]} must be set."
    if error["type"] == "value_error":
        return f"{names[key]} must be {told}."
    (part,) = (part for name, part in model.model_fields.items() if _key(name, part) == key)
    return f"{names[key]} must be {_wanted(error, part)}."


def _wanted(error: ErrorDetails, part: FieldInfo) -> str:
    """What a field takes, in words: its own description, or what follows from its type."""
    if part.description:
        return part.description
    if error["type"] == "literal_error":
        return str(error["ctx"]["expected"]).replace("'", "")
    types = {part.annotation, *get_args(part.annotation)}
    if bool in types:
        return "1 or 0"
    if types & {int, float}:
        return f"a{' whole' if int in types else ''} number{_range(part)}"
    return f"another value: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _range(part: FieldInfo) -> str:
    """' from 1 to 9', ' above 0 and up to 1000'; pydantic keeps each bound in an object of its
    own."""
    bounds = {
        name: getattr(each, name)
        for each in part.metadata
        for name in ("ge", "gt", "le")
        if hasattr(each, name)
    }
    low = f" from {bounds['ge']}" if "ge" in bounds else ""
    above = f" above {bounds['gt']}" if "gt" in bounds else ""
    if "le" not in bounds:
        return low or above
    if low:
        return f"{low} to {bounds['le']}"
    return f"{above}{' and' if above else ''} up to {bounds['le']}"


def _text(default: object) -> str:
    """A default as an operator would write it."""
    if default is None or default is PydanticUndefined or default == ():
        return ""
    return str(int(default)) if isinstance(default, bool) else str(default)
