"""What is heard: the scripts on an empty page, and the player of a real one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from annotator.views.sound import AudioPlayer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from playwright.sync_api import Page

__all__ = ["Ears", "Player"]

_RATE = 48_000  # Hz of the loudspeaker
_TOOLS = """
const toBytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const toText = (floats) => {
  const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
const tapeOf = (text, piece) => {
  const samples = new Int16Array(toBytes(text));
  const tape = createTape({ length: samples.length, piece_length: piece || samples.length || 1 });
  for (let i = 0; i * (piece || samples.length) < samples.length; i++) {
    tape.put(i, samples.subarray(i * (piece || samples.length)));
  }
  return tape;
};
"""
_PULL = """
({ samples, n, step, speed, block }) => {
  const tape = tapeOf(samples), span = { first: 0, last: tape.length, loop: false };
  let pull = createResampler((at, n, into) => tape.read(at, n, into, span), step, 0);
  if (speed) pull = createStretch(pull, speed, 48000);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += block) {
    const part = out.subarray(i, Math.min(i + block, n));
    pull(part.length, part);
  }
  return toText(out);
}
"""
_PLAY = """
async ({ samples, rate, seconds, piece, job }) => {
  const context = new OfflineAudioContext(1, Math.ceil((seconds + 0.03) * 48000), 48000);
  const tape = tapeOf(samples, piece);
  const engine = createEngine(context, context.destination, { missing() {}, ended() {} }, seconds + 1);
  engine.play(tape, { from: 0, speed: 1, keep_pitch: true, factor: rate / 48000, ...job,
    span: { first: 0, last: tape.length, loop: false, ...job.span } });
  const heard = (await context.startRendering()).getChannelData(0);
  engine.stop();
  return toText(heard.subarray(0.03 * 48000));
}
"""
_PASS = """
async ({ samples, rate, settings }) => {
  const given = new Float32Array(toBytes(samples));
  const context = new OfflineAudioContext(1, given.length, rate);
  const buffer = context.createBuffer(1, given.length, rate);
  buffer.copyToChannel(given, 0);
  const source = context.createBufferSource(), chain = createChain(context);
  source.buffer = buffer;
  source.connect(chain.input);
  chain.set({ low: null, high: null, gain: 0, ...settings });
  source.start();
  return toText((await context.startRendering()).getChannelData(0));
}
"""
_DECODE = """
async ({ data, rate }) => {
  const context = new OfflineAudioContext(1, 1, rate);
  return toText((await context.decodeAudioData(toBytes(data))).getChannelData(0));
}
"""


class Ears:
    """What a browser would let us hear."""

    def __init__(self, page: Page) -> None:
        page.set_content("<p>an empty page</p>")
        script = AudioPlayer._esm.replace("export function render", "function render")
        page.add_script_tag(content=script + _TOOLS)
        self._page = page

    def pull(
        self,
        samples: ArrayLike,
        n: int,
        *,
        step: float = 1.0,
        speed: float | None = None,
        block: int = 9600,
    ) -> NDArray[np.float32]:
        """Read `n` samples through the resampler, and the stretch if speed is given."""
        return self._run(
            _PULL, samples=_int16(samples), n=n, step=step, speed=speed, block=block
        )

    def play(
        self,
        samples: ArrayLike,
        *,
        seconds: float,
        rate: float = _RATE,
        piece: int = 0,
        **job: Any,
    ) -> NDArray[np.float32]:
        """Play through the engine for some time."""
        return self._run(
            _PLAY,
            samples=_int16(samples),
            rate=rate,
            seconds=seconds,
            piece=piece,
            job=job,
        )

    def through(
        self, samples: ArrayLike, rate: int = _RATE, **settings: Any
    ) -> NDArray[np.float32]:
        """Send samples through band, gain and limiter."""
        floats = np.asarray(samples, dtype="<f4")
        return self._run(_PASS, samples=_text(floats), rate=rate, settings=settings)

    def decode(self, data: bytes, rate: int) -> NDArray[np.float32]:
        """Decode a file as the browser does."""
        return self._run(_DECODE, data=base64.b64encode(data).decode(), rate=rate)

    def _run(self, script: str, **given: Any) -> NDArray[np.float32]:
        text = self._page.evaluate(script, given)
        return np.frombuffer(base64.b64decode(text), dtype="<f4")


def _int16(samples: ArrayLike) -> str:
    given = np.asarray(samples)
    if given.dtype != np.int16:
        given = np.clip(np.rint(given * 32768), -32768, 32767)
    return _text(given.astype("<i2"))


def _text(numbers: NDArray[Any]) -> str:
    return base64.b64encode(numbers.tobytes()).decode()


_TAP = """
const Original = window.AudioContext;
window.taps = [];
window.AudioContext = class extends Original {
  constructor(...given) {
    super(...given);
    const tap = this.createAnalyser(), real = super.destination;
    tap.fftSize = 16384;
    tap.smoothingTimeConstant = 0;
    tap.connect(real);
    Object.defineProperty(this, "destination", { get: () => tap });
    window.taps.push({ context: this, tap });
  }
};
"""
_PLAYERS = """
Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.name?.startsWith("player-"))
"""
_AT = f"""(n) => {{
  const name = ({_PLAYERS})[n].playhead;
  return Bokeh.documents.map((doc) => doc.get_model_by_name(name)).find((span) => span).location;
}}"""
_RECORD = f"""(n) => {{
  const name = ({_PLAYERS})[n].playhead;
  const span = Bokeh.documents.map((doc) => doc.get_model_by_name(name)).find((span) => span);
  window.trail = [];
  span.properties.location.change.connect(() => window.trail.push(span.location));
}}"""
# Both are read in a frame that has just moved the playhead.
_PACE = f"""async (n, seconds) => {{
  const frame = () => new Promise(requestAnimationFrame);
  const now = async () => {{
    await frame();
    await frame();
    return [({_AT})(n), window.taps.at(-1).context.currentTime];
  }};
  const first = await now();
  let last = first;
  while (last[1] < first[1] + seconds) last = await now();
  return (last[0] - first[0]) / (last[1] - first[1]);
}}"""


class Player:
    """The player of a page under test; make it before the page is opened."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self._page, self._number = page, number
        if number == 0:
            page.add_init_script(_TAP)

    def get(self, name: str) -> Any:
        """Return a property of the player in the browser."""
        return self._page.evaluate(
            f"([n, name]) => ({_PLAYERS})[n][name]", [self._number, name]
        )

    def set(self, **properties: Any) -> None:
        """Set properties in the browser alone, as other components do."""
        self._page.evaluate(
            f"([n, what]) => ({_PLAYERS})[n].setv(what, {{sync: false}})",
            [self._number, properties],
        )

    @property
    def at(self) -> float:
        """The playhead, s of the recording."""
        return float(self._page.evaluate(f"(n) => ({_AT})(n)", self._number))

    def record(self) -> None:
        """Note each move of the playhead from now on."""
        self._page.evaluate(f"(n) => ({_RECORD})(n)", self._number)

    @property
    def trail(self) -> list[float]:
        """Where the playhead was since `record`, s."""
        return [float(at) for at in self._page.evaluate("() => window.trail")]

    def pace(self, seconds: float = 0.8) -> float:
        """Return seconds of the recording to one of the loudspeaker, over a while."""
        return float(
            self._page.evaluate(
                f"([n, seconds]) => ({_PACE})(n, seconds)", [self._number, seconds]
            )
        )

    def spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return frequencies, Hz, and levels, dB, of what sounds now."""
        rate, levels = self._page.evaluate(
            """() => {
              const { context, tap } = window.taps.at(-1);
              const levels = new Float32Array(tap.frequencyBinCount);
              tap.getFloatFrequencyData(levels);
              return [context.sampleRate, Array.from(levels, (x) => Math.max(x, -300))];
            }"""
        )
        found = np.array(levels, dtype=float)
        return np.arange(len(found)) * rate / (2 * len(found)), found

    def level_at(self, frequency: float) -> float:
        """Return the level of what sounds now around a frequency, dB."""
        hertz, levels = self.spectrum()
        return float(levels[np.abs(hertz - frequency) < 30].max())

    @property
    def tone(self) -> float:
        """The strongest frequency of what sounds now, Hz; 0 in silence."""
        hertz, levels = self.spectrum()
        return float(hertz[levels.argmax()]) if levels.max() > -90 else 0.0
