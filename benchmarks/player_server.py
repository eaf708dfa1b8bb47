"""The pages that benchmarks/player.py measures, in a process of their own.

`/ours` and `/low` are the annotator. `/bare` sends, on a click, bytes that lie ready:
the least that a page over a websocket can do. `/reference` does what a notebook's
widget usually does: STFT, colours and PNG on the server, a base64 WAV, all in one JSON.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import param
import scipy.signal
import soundfile
from bokeh.models import ColumnDataSource, LinearColorMapper
from bokeh.palettes import Magma256
from bokeh.plotting import figure
from matplotlib import colormaps
from panel.custom import JSComponent
from PIL import Image

from annotator.app import page
from annotator.audio.encode import to_int16, to_wav
from annotator.audio.io import read_segment
from annotator.signal.spectrogram import compute_spectrogram

N_CLIPS, CLIP, BUFFER = 260, 15.0, 3.0  # 21 s with its buffer
_ASK = """
export function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "next";
  button.onclick = () => model.send_msg("next");
  el.append(button);
  model.on("ANSWER", () => { (async () => { ARRIVED; window.shown = (window.shown ?? 0) + 1; })(); });
}
"""


class Bare(JSComponent):
    """Gets the sound's bytes; the picture's go into a Bokeh data source."""

    audio = param.Bytes(b"")
    _esm = _ASK.replace("ANSWER", "audio").replace("ARRIVED", "")


class Reference(JSComponent):
    """Gets a JSON with a PNG and a WAV, and shows and decodes them."""

    answer = param.String("")
    _esm = _ASK.replace("ANSWER", "answer").replace(
        "ARRIVED",
        """
    const { png, wav } = JSON.parse(model.answer);
    const image = el.querySelector("img") ?? el.appendChild(document.createElement("img"));
    image.src = `data:image/png;base64,${png}`;
    const bytes = Uint8Array.from(atob(wav), (c) => c.charCodeAt(0));
    window.context ??= new AudioContext();
    const sound = window.context.decodeAudioData(bytes.buffer);
    await image.decode(); window.sound = sound""",
    )


def start_of(clip: int) -> float:
    return 5.0 + 2.0 * clip


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    table = folder / "clips.csv"
    if not table.exists():
        start = [start_of(clip) for clip in range(N_CLIPS)]
        frame = pd.DataFrame({"id": range(N_CLIPS), "start_time": start})
        frame.assign(end_time=frame.start_time + CLIP).to_csv(table, index=False)
    return {
        "data": str(table),
        "audio": str(folder / "noise.flac"),
        "output": str(folder / f"{'-'.join(map(str, more.values())) or 'ours'}.csv"),
        "data_index_column": "id",
        "default_buffer": BUFFER,
        "form_config": {"select": {"label": "right?", "items": ["yes", "no"]}},
        **more,
    }


def bare(folder: Path) -> Any:
    ready = []
    for clip in range(4):
        samples, rate = read_segment(
            folder / "noise.flac", start_of(clip) - BUFFER, CLIP + 2 * BUFFER
        )
        ready.append(
            (compute_spectrogram(samples, rate).data, to_int16(samples).tobytes())
        )
    source = ColumnDataSource({"image": [np.zeros((1, 1), np.uint8)], "revision": [0]})
    fig = figure(
        name="figure-bare", width=900, height=300, tools="", toolbar_location=None
    )
    mapper = LinearColorMapper(palette=Magma256, low=51, high=255)
    fig.image("image", x=0, y=0, dw=1, dh=1, source=source, color_mapper=mapper)
    asker, count = Bare(), [0]

    def send(_event: Any) -> None:
        count[0] += 1
        picture, sound = ready[count[0] % len(ready)]
        # A byte of its own, or equal bytes would not be sent again.
        source.data = {
            "image": [picture ^ np.uint8(count[0] & 1)],
            "revision": [count[0]],
        }
        asker.audio = sound[:-2] + count[0].to_bytes(2, "little")

    asker.on_msg(send)
    return pn.Column(asker, pn.pane.Bokeh(fig))


def reference(folder: Path) -> Any:
    asker, count = Reference(), [0]

    def send(_event: Any) -> None:
        count[0] += 1
        asker.answer = reference_answer(folder, count[0] % N_CLIPS)

    asker.on_msg(send)
    return pn.Column(asker)


def reference_answer(folder: Path, clip: int) -> str:
    """Do it as a notebook's widget does: matplotlib's colours, without its figures."""
    with soundfile.SoundFile(folder / "noise.flac") as sound:
        rate = sound.samplerate
        sound.seek(round((start_of(clip) - BUFFER) * rate))
        mono = sound.read(round((CLIP + 2 * BUFFER) * rate), dtype="float32")
    _, _, spectrum = scipy.signal.stft(mono, rate, "hann", 512, 512 - 128)
    db = 10 * np.log10(np.maximum(np.abs(spectrum) ** 2, 1e-12))
    level = np.clip((db - db.max() + 80) / 80, 0, 1)
    colours = (colormaps["magma"](level[::-1])[..., :3] * 255).astype(np.uint8)
    image = Image.fromarray(colours).resize((2000, 260), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    image.save(file, "PNG")
    png, wav = (
        base64.b64encode(b).decode() for b in (file.getvalue(), to_wav(mono, rate))
    )
    return json.dumps({"png": png, "wav": wav, "sample_rate": rate})


def main(folder: Path, port: int) -> None:
    pn.serve(
        {
            "ours": lambda: page(None, **settings(folder)),
            "low": lambda: page(None, **settings(folder, bandwidth="low")),
            "bare": lambda: bare(folder),
            "reference": lambda: reference(folder),
        },
        port=port,
        address="127.0.0.1",
        websocket_origin=f"127.0.0.1:{port}",
        show=False,
        verbose=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
