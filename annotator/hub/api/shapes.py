"""What requests and answers are made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Answer", "Asked", "Body", "Identity", "Row", "Uid"]

Identity = Annotated[str, Field(max_length=255, description="Of a clip.")]
Row = Annotated[
    dict[str, Any], Field(description="Finite numbers, texts, lists and objects.")
]
Uid = Annotated[str, Field(max_length=36, description="Of a project: a UUID.")]


class Body(BaseModel):
    """What a request holds: nothing but this, and of just these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Asked(BaseModel):
    """What is asked for in an address behind the question mark, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What an answer holds.

    Fields are named here, and not taken from the store: what it comes to know is told
    nobody until somebody writes it down here too.
    """

    model_config = ConfigDict(from_attributes=True)
