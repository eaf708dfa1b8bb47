"""What is heard is what was recorded: the player's signal path in a real browser."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from annotator.audio.encode import to_int16, to_vorbis
from annotator.review.sound import encode_piece
from annotator.signal.sound import Rendition
from tests.ui.hearing import Ears

RATE = 48_000  # Hz of the loudspeaker


@pytest.fixture
def ears(page) -> Ears:
    return Ears(page)


def sine(frequency, seconds, rate=RATE, level=0.5):
    return level * np.sin(
        2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate
    )


def noise(n, level=0.2):
    return np.random.default_rng(4).normal(0, level, n).clip(-0.99, 0.99)


def peak_of(samples, rate=RATE):
    """Return the strongest frequency, Hz, to a hundredth of a bin."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * len(samples)))
    return spectrum.argmax() * rate / (8 * len(samples))


def decibels(ratio):
    return 20 * np.log10(np.maximum(np.abs(ratio), 1e-12))


# Rates ---------------------------------------------------------------------------


def test_samples_at_the_loudspeakers_own_rate_are_left_as_they_are(ears):
    given = to_int16(noise(20_000))

    heard = ears.pull(given, 20_000)

    np.testing.assert_array_equal(heard, (given / 32768).astype(np.float32))


@pytest.mark.parametrize(
    "rate", [1000, 8000, 22_050, 44_100, 96_000, 384_000, 1_000_000]
)
def test_a_tone_has_its_pitch_and_level_at_any_sample_rate(ears, rate):
    tone = min(rate / 8, 3000.0)

    heard = ears.pull(sine(tone, 1.0, rate), RATE, step=rate / RATE)

    middle = heard[4800:-4800]
    expected = sine(tone, 1.0)[4800:-4800]
    assert np.abs(middle - expected).max() < 0.002


def test_ultrasound_is_not_folded_into_hearing(ears):
    heard = ears.pull(sine(40_000, 0.5, 96_000), RATE // 2, step=2.0)

    assert decibels(np.abs(heard[2400:-2400]).max() / 0.5) < -70


def test_noise_is_resampled_as_scipy_does_it(ears):
    given = signal.sosfilt(
        signal.butter(10, 8000, fs=22_050, output="sos"), noise(22_050)
    )

    heard = ears.pull(given, RATE, step=22_050 / RATE)

    expected = signal.resample_poly(given, 320, 147, window=("kaiser", 10))
    error = (heard - expected)[4800:-4800]
    assert decibels(error.std() / expected.std()) < -50


# Speeds --------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [0.1, 0.25, 0.5, 0.75, 1.5, 2.0, 4.0])
def test_a_tone_keeps_its_pitch_at_another_speed(ears, speed):
    n = round(2.0 * RATE)

    heard = ears.pull(sine(440, 2.0 * speed + 0.2), n, speed=speed)

    assert peak_of(heard) == pytest.approx(440, abs=1.0)
    rest = signal.sosfilt(
        signal.butter(4, (400, 480), "bandstop", fs=RATE, output="sos"), heard
    )
    assert decibels(rest[9600:].std() / heard.std()) < -25


@pytest.mark.parametrize("keep_pitch", [True, False])
@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_another_speed_takes_so_much_longer(ears, speed, keep_pitch):
    given = sine(440, 1.0)

    heard = ears.play(given, seconds=2.5, speed=speed, keep_pitch=keep_pitch)

    loud = np.flatnonzero(np.abs(heard) > 0.02)
    assert loud[-1] / RATE == pytest.approx(1.0 / speed, abs=0.005)
    tone = 440 if keep_pitch else 440 * speed
    assert peak_of(heard[: loud[-1]]) == pytest.approx(tone, abs=1.0)


def test_time_expansion_lowers_a_bat(ears):
    given = sine(60_000, 0.2, 384_000)

    heard = ears.play(given, seconds=2.0, rate=384_000 / 10)

    assert peak_of(heard) == pytest.approx(6000, abs=1.0)


# Loops and pieces ----------------------------------------------------------------


def test_a_loop_has_no_gap(ears):
    given = to_int16(noise(30_000))

    heard = ears.play(
        given, seconds=1.5, span={"first": 1000, "last": 13_345, "loop": True}
    )

    turns = np.tile(given[1000:13_345], 8)
    expected = np.concatenate([given[:1000], turns])[: len(heard)] / 32768
    np.testing.assert_allclose(heard, expected, atol=1e-6)


def test_a_loop_has_no_gap_at_another_rate(ears):
    given = np.tile(sine(2000, 441 / 44_100, 44_100), 100)

    heard = ears.play(
        given, seconds=3.0, rate=44_100, span={"last": 4410, "loop": True}
    )

    expected = sine(2000, 3.0)
    assert np.abs(heard[2400:-4800] - expected[2400 : len(heard) - 4800]).max() < 0.002


def test_pieces_join_without_a_seam(ears):
    given = to_int16(noise(40_000))

    heard = ears.play(given, seconds=0.8, piece=7001)

    np.testing.assert_allclose(heard[:38_000], given[:38_000] / 32768, atol=1e-6)


def test_three_samples_are_played(ears):
    heard = ears.play([0.5, -0.5, 0.25], seconds=0.1)

    np.testing.assert_allclose(heard[:5], [0.5, -0.5, 0.25, 0, 0], atol=1e-4)


# The band of a box ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high"),
    [(1000, 4000), (300, 500), (4000, 12_000), (60, 9000), (None, 6000), (2000, None)],
)
def test_a_box_is_heard_as_loud_as_before_and_little_else(ears, low, high):
    impulse = np.zeros(2 * RATE)
    impulse[0] = 1.0

    response = decibels(np.fft.rfft(ears.through(impulse, low=low, high=high)))

    hertz = np.fft.rfftfreq(2 * RATE, 1 / RATE)
    inside = (hertz >= (low or 0)) & (hertz <= (high or 24_000))
    assert np.abs(response[inside]).max() < 0.5
    outside = (hertz <= low / 2 if low else False) | (
        hertz >= 2 * high if high else False
    )
    assert response[outside].max() < -30


def test_the_band_is_butterworths(ears):
    impulse = np.zeros(2 * RATE)
    impulse[0] = 1.0

    response = decibels(np.fft.rfft(ears.through(impulse, low=1500, high=6000)))

    # 0.2 dB at each edge, by the bilinear transform of an 8th order's 1 / (1 + w^16)
    spread = (10 ** (0.2 / 10) - 1) ** (1 / 16)
    warped = np.tan(np.pi * np.array([1500, 6000]) / RATE) * [spread, 1 / spread]
    low, high = np.arctan(warped) * RATE / np.pi
    hertz = np.fft.rfftfreq(2 * RATE, 1 / RATE)[1:-1]
    expected = sum(
        decibels(
            signal.freqz_sos(
                signal.butter(8, edge, kind, fs=RATE, output="sos"), hertz, fs=RATE
            )[1]
        )
        for edge, kind in ((low, "highpass"), (high, "lowpass"))
    )
    seen = expected > -60
    np.testing.assert_allclose(response[1:-1][seen], expected[seen], atol=0.05)


def test_a_band_beyond_hearing_is_silent(ears):
    heard = ears.through(noise(RATE), low=40_000, high=60_000)

    assert np.abs(heard).max() == 0


# Gain ----------------------------------------------------------------------------


def test_without_gain_nothing_is_changed(ears):
    given = noise(RATE, level=0.3)

    np.testing.assert_allclose(ears.through(given), given, atol=1e-6)


@pytest.mark.parametrize("gain", [-20, -6, 6, 20])
def test_a_quiet_sound_gets_louder_by_the_gain(ears, gain):
    given = sine(1000, 1.0, level=0.02)

    heard = ears.through(given, gain=gain)

    change = heard[RATE // 2 :].std() / given[RATE // 2 :].std()
    assert decibels(change) == pytest.approx(gain, abs=0.1)


@pytest.mark.parametrize("given", [noise(RATE), sine(500, 1.0, level=1.0)])
def test_a_limiter_guards_full_scale(ears, given):
    heard = ears.through(given, gain=30)

    assert np.abs(heard).max() <= 1.0
    assert heard.std() > 0.3  # it limits, it does not switch off


# Vorbis --------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8000, 25_000, 38_400, 44_100, 48_000, 96_000])
def test_vorbis_starts_on_its_sample(ears, rate):
    given = to_int16(
        signal.sosfilt(signal.butter(4, 0.5, output="sos"), noise(2 * rate))
    )

    heard = ears.decode(to_vorbis(given, rate), rate)

    assert len(heard) == pytest.approx(len(given), abs=2048)
    n = min(len(heard), len(given))
    likeness = signal.correlate(heard[:n], given[:n] / 32768, method="fft")
    assert abs(int(likeness.argmax()) - (n - 1)) <= 1


def test_pieces_in_vorbis_join_without_a_seam(ears):
    samples = to_int16(sine(900, 60.0))
    how = Rendition(RATE, len(samples))
    pieces = [encode_piece(samples, how, i, codec="vorbis") for i in range(2)]

    heard = np.concatenate(
        [ears.decode(p.data, p.codec_rate)[p.skip : p.skip + p.length] for p in pieces]
    )

    seam = slice(how.piece_length - 2000, how.piece_length + 2000)
    assert np.abs(heard[seam] - samples[seam] / 32768).max() < 0.03
