from __future__ import annotations

from annotator.form.spec import FormSpec


def test_the_question_that_an_answer_opens_follows_it() -> None:
    spec = FormSpec.from_dict(
        {
            "select": {
                "label": "valid?",
                "items": ["yes", {"value": "no", "form": "correct"}],
            },
            "textbox": {"label": "notes"},
            "dynamic_forms": {"correct": [{"textbox": {"label": "species"}}]},
        }
    )

    shown = [element.key for element in spec.visible({"valid?": "no"})]

    assert shown == ["select", "dynamic_forms.correct.0.textbox", "textbox"]
