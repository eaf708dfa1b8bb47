from __future__ import annotations

import io
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from annotator.audio.encode import VORBIS_RATES, to_int16, to_vorbis
from annotator.errors import ParameterError
from annotator.review.listening import Listening
from annotator.review.prepare import ClipLoader, ViewState
from annotator.review.sound import encode_piece
from annotator.signal.sound import Rendition
from annotator.sources.clips import Clip


def noise(n):
    return np.random.default_rng(3).integers(-9000, 9000, n, dtype=np.int16)


def test_pieces_hold_all_samples_in_order():
    samples = noise(60 * 48_000)
    how = Rendition(48_000, len(samples))

    pieces = [encode_piece(samples, how, i) for i in range(how.n_pieces)]

    joined = np.concatenate([np.frombuffer(piece.data, "<i2") for piece in pieces])
    np.testing.assert_array_equal(joined, samples)
    assert [piece.length for piece in pieces] == [24 * 48_000, 24 * 48_000, 12 * 48_000]


def test_vorbis_is_a_tenth_of_the_bytes_and_says_what_belongs_to_others():
    time = np.arange(60 * 48_000) / 48_000
    samples = to_int16(0.3 * np.sin(2 * np.pi * 2000 * time))
    how = Rendition(48_000, len(samples))

    piece = encode_piece(samples, how, 1, codec="vorbis")

    decoded, rate = soundfile.read(io.BytesIO(piece.data))
    assert (rate, piece.codec_rate) == (48_000, 48_000)
    start = how.piece_length
    mine = decoded[piece.skip : piece.skip + piece.length]
    expected = samples[start : start + piece.length] / 32768
    assert np.abs(mine - expected).max() < 0.02
    assert len(piece.data) < 0.1 * 2 * piece.length


def test_ultrasound_in_vorbis_declares_the_rate_it_is_heard_at():
    how = Rendition(250_000, 250_000, expansion=10)

    piece = encode_piece(noise(250_000), how, 0, codec="vorbis")

    assert piece.codec_rate == 25_000


@pytest.mark.parametrize(("rate", "expansion"), [(1000, 1), (60_000, 10)])
def test_what_vorbis_cannot_take_is_sent_as_it_is(rate, expansion):
    how = Rendition(rate, 5000, expansion)

    piece = encode_piece(noise(5000), how, 0, codec="vorbis")

    assert piece.codec_rate == 0
    assert len(piece.data) == 2 * piece.length


@pytest.mark.parametrize("rate", [VORBIS_RATES[0] - 1, VORBIS_RATES[1] + 1])
def test_rates_beyond_vorbis_are_refused_before_they_crash(rate):
    with pytest.raises(ParameterError, match="send int16"):
        to_vorbis(noise(100), rate)


@pytest.mark.parametrize(
    ("rate", "settings", "expansion", "carrier"),
    [
        (48_000, {"expansion": 10}, 1, None),  # has no menu to undo it with
        (96_000, {}, 1, None),
        (96_000, {"expansion": 2}, 2, None),
        (250_000, {}, 10, None),
        (250_000, {"expansion": 1}, 1, None),
        (250_000, {"heterodyne": True, "carrier": 30_000.0}, 1, 30_000.0),
        (60_000, {"heterodyne": True, "carrier": 45_000.0}, 1, 30_000.0),
    ],
)
def test_the_sample_rate_and_the_person_say_how_it_is_heard(
    rate, settings, expansion, carrier
):
    clip = SimpleNamespace(sample_rate=rate, audio=noise(10))

    how = Listening(**settings).rendition(clip)

    assert (how.expansion, how.carrier, how.n_frames) == (expansion, carrier, 10)


@pytest.mark.slow
def test_five_minutes_stay_under_twice_the_memory_of_their_samples(wav):
    seconds, rate = 306, 48_000
    path = wav(duration=seconds, sample_rate=rate)
    clip = Clip(0, "a", "a", str(path), 0.0, float(seconds), {})
    loader = ClipLoader()
    n_bytes = 4 * seconds * rate
    loader.prepare(
        Clip(0, "b", "b", str(path), 0.0, 1.0, {}), ViewState()
    )  # what is loaded once

    tracemalloc.start()
    prepared = loader.prepare(clip, ViewState(buffer=0.0))
    how = Rendition(rate, len(prepared.audio))
    for index in range(how.n_pieces):
        encode_piece(prepared.audio, how, index)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    loader.close()

    assert prepared.audio.shape == (seconds * rate,)
    assert most < 2 * n_bytes
    assert kept < 0.6 * n_bytes
