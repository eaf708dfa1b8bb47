"""A form that most tests of forms begin with."""

from __future__ import annotations

from typing import Any

from annotator.form.spec import FormSpec

REVIEW = {
    "title": {"value": "REVIEW", "progress_tracker": True},
    "pass_value": {"source_column": "id", "column": "detection_id"},
    "select": {
        "label": "valid?",
        "column": "is_valid",
        "required": True,
        "items": ["yes", {"value": "no", "form": "correct"}],
    },
    "textbox": {"label": "notes"},
    "dynamic_forms": {
        "correct": [
            {"textbox": {"label": "species", "required": True}},
            {"checkbox": {"label": "sure", "checked_form": "why"}},
        ],
        "why": [{"textbox": {"label": "reason"}}],
    },
}


def form(mapping: Any, **options: Any) -> FormSpec:
    """Make a form of a mapping."""
    return FormSpec.from_dict(mapping, **options)
