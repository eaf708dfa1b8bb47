"""The form without a page."""

from __future__ import annotations

import threading

from tests.ui.marking import start_marking


def test_what_was_drawn_a_moment_ago_is_submitted_too(wav, tmp_path):
    recording = wav(duration=12.0, sample_rate=8_000, name="sound.wav")
    app = start_marking(recording, tmp_path / "out.csv", "multibox")
    dashboard, saved = app.view(), threading.Event()
    app.session.param.watch(lambda _event: saved.set(), "n_session")

    dashboard.stage.hold()  # the button does not hear of the box yet
    app.session.regions.add(
        start_time=4.0, end_time=5.0, min_frequency=1000, max_frequency=2000
    )
    dashboard.form.submit()

    assert saved.wait(30)
    app.close()
