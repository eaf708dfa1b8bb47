"""What is in sight, as numbers for a picture of it."""

from __future__ import annotations

import numpy as np
import pytest

from annotator.review.look import Look
from annotator.signal.scales import LINEAR
from annotator.signal.spectrogram import Spectrogram
from annotator.views.sight import contrast_of


def picture(data: np.ndarray) -> Spectrogram:
    return Spectrogram(data.astype(np.uint8), LINEAR, 0, 8000, 0, 1, -110.0, -10.0)


def test_contrast_is_what_a_person_set():
    look = Look(contrast=(-60.0, -5.0))

    assert contrast_of(look, picture(np.zeros((4, 4)))) == (-60.0, -5.0)


def test_auto_contrast_leaves_the_darkest_tenth_dark_and_the_loudest_bright():
    levels = np.arange(1, 256).repeat(100).reshape(100, 255)

    dark, bright = contrast_of(Look(auto_contrast=True), picture(levels))

    assert dark == pytest.approx(-90.0, abs=0.5)  # a tenth of 100 dB
    assert bright == pytest.approx(0.0, abs=0.5)


def test_auto_contrast_of_even_sound_keeps_twenty_decibels():
    dark, bright = contrast_of(Look(auto_contrast=True), picture(np.full((9, 9), 128)))

    assert bright - dark >= 20.0


def test_auto_contrast_of_silence_is_the_whole_range():
    look = Look(auto_contrast=True)

    assert contrast_of(look, picture(np.zeros((9, 9)))) == (-100.0, 0.0)
