"""A section of the settings is a pydantic model, an adapter's or a plugin's."""

from __future__ import annotations

import traceback
from typing import Annotated, Literal, Self

import pytest
from pydantic import AfterValidator, BaseModel, Field, model_validator

from onehour.sections import plugin_section, refuse_unknown, section_names
from ports.settings import WrongSetting, url


class BankOptions(BaseModel):
    """What an author of a plugin may write."""

    key: str = Field(repr=False)
    size: Literal["small", "large"] = "small"
    branches: list[int] = Field(default_factory=list, description="a JSON list of numbers")
    share: float = Field(default=0.5, gt=0, le=1)
    patience: int = Field(default=10, ge=1)
    open: bool = True
    home: Annotated[str, AfterValidator(url("https"))] | None = None
    code: str = Field(default="abc", min_length=3)

    @model_validator(mode="after")
    def _small_is_patient(self) -> Self:
        if self.size == "small" and self.patience < 5:
            raise ValueError("ONEHOUR_PLUGIN_BANK_PATIENCE must be 5 or more for a small bank.")
        return self


def read(**given: str) -> BankOptions:
    texts = {f"ONEHOUR_PLUGIN_BANK_{name}": text for name, text in given.items()}
    other = {"ONEHOUR_PLUGIN_OTHER_KEY": "other", "KEY": "none of ours"}
    return plugin_section(BankOptions, "bank", {**texts, **other})


def test_the_fields_of_a_plugin_are_read_under_its_name() -> None:
    options = read(KEY="k", SIZE="large", BRANCHES="[1, 2]", OPEN="Off", HOME="https://b.example/")

    assert options == BankOptions(
        key="k", size="large", branches=[1, 2], open=False, home="https://b.example"
    )


def test_a_name_with_a_dash_is_written_with_a_line() -> None:
    texts = {"ONEHOUR_PLUGIN_MY_BANK_KEY": "k"}

    assert plugin_section(BankOptions, "my-bank", texts).key == "k"


def test_a_plugins_names_and_defaults_are_listed() -> None:
    names = section_names(BankOptions, prefix="ONEHOUR_PLUGIN_BANK_")

    assert names["ONEHOUR_PLUGIN_BANK_KEY"] == ""
    assert names["ONEHOUR_PLUGIN_BANK_SIZE"] == "small"
    assert names["ONEHOUR_PLUGIN_BANK_OPEN"] == "1"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "KEY must be set."),
        ({"KEY": ""}, "KEY must be set."),
        ({"KEY": "k", "SIZE": "hush"}, "SIZE must be small or large."),
        ({"KEY": "k", "BRANCHES": "hush"}, "BRANCHES must be a JSON list of numbers."),
        ({"KEY": "k", "BRANCHES": '["hush"]'}, "BRANCHES must be a JSON list of numbers."),
        ({"KEY": "k", "SHARE": "7.5"}, "SHARE must be a number above 0 and up to 1."),
        ({"KEY": "k", "PATIENCE": "hush"}, "PATIENCE must be a whole number from 1."),
        ({"KEY": "k", "OPEN": "hush"}, "OPEN must be 1 or 0."),
        ({"KEY": "k", "HOME": "hush"}, "HOME must be a URL that begins with https://."),
        ({"KEY": "k", "PATIENCE": "2"}, "PATIENCE must be 5 or more for a small bank."),
        (
            {"KEY": "k", "CODE": "hu"},
            "CODE must be another value: string should have at least 3 characters.",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence_without_it(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(**given)

    assert refused.value.message == f"ONEHOUR_PLUGIN_BANK_{sentence}"
    assert refused.value.__suppress_context__
    assert "7.5" not in "".join(traceback.format_exception_only(refused.value))


def test_an_unknown_name_is_told_with_the_nearest_one() -> None:
    known = section_names(BankOptions, prefix="ONEHOUR_PLUGIN_BANK_")

    with pytest.raises(WrongSetting) as refused:
        refuse_unknown({"ONEHOUR_PLUGIN_BANK_KEYS": "hush"}, known)

    assert refused.value.message == (
        "ONEHOUR_PLUGIN_BANK_KEYS is not a setting; the nearest name is ONEHOUR_PLUGIN_BANK_KEY."
    )
