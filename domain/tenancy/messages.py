"""What people send in about places: hours, holidays, time zone."""

from datetime import date
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.tenancy.calendars import Period
from domain.tenancy.holidays import Day
from domain.tenancy.hours import part_of


class HolidayOrder(BaseModel):
    """A day without opening hours; `from` and `to` close a part of it, `yearly` ones come again. A bare date is the whole day."""

    model_config = ConfigDict(extra='forbid')

    day: date = Field(validation_alias=AliasChoices('date', 'day'))
    name: str = ''
    yearly: bool = Field(default=False, strict=True)
    start: str | None = Field(default=None, validation_alias='from')
    end: str | None = Field(default=None, validation_alias='to')
    uid: str = Field(default='', max_length=300)

    @model_validator(mode='before')
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {'date': value} if isinstance(value, str) else value

    @field_validator('day', mode='before')
    @classmethod
    def _written(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError('is not a date such as 2026-12-25')  # numbers would be read as seconds since 1970
        return value

    @model_validator(mode='after')
    def _times(self) -> 'HolidayOrder':
        part_of(self.start, self.end)
        return self

    def holiday(self) -> Day:
        """The day as it is kept."""
        part: Period | None = part_of(self.start, self.end)
        return Day(self.day, ' '.join(self.name.split()), self.yearly, part, self.uid)


class LocationChange(BaseModel):
    """PATCH /api/v1/locations/{id}; what is left out stays. `hours` is the whole week, `null`: always open; `holidays` are all of them."""

    model_config = ConfigDict(extra='forbid')

    name: str | None = Field(default=None, min_length=1, max_length=200)
    time_zone: str | None = Field(default=None, alias='timeZone', max_length=64)
    hours: dict[str, list[list[str]]] | None = None
    holidays: list[HolidayOrder] | None = None
