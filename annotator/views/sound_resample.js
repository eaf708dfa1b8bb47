// Any sample rate at the rate of the loudspeaker: band-limited interpolation by a
// windowed sinc (J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample).
// A browser's own buffers are joined by straight lines, which folds ultrasound into hearing.

const CROSSINGS = 32; // zero crossings of the sinc, each side
const FINE = 256; // table entries between two of them
const BETA = 8; // Kaiser window: images 80 dB down

const SINC = (() => {
  const bessel = (x) => {
    let sum = 1, term = 1;
    for (let k = 1; k < 40; k++) { term *= (x / (2 * k)) ** 2; sum += term; }
    return sum;
  };
  const table = new Float32Array(CROSSINGS * FINE + 2);
  for (let i = 0; i < CROSSINGS * FINE; i++) {
    const x = i / FINE, inside = x / CROSSINGS;
    const sinc = i === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    table[i] = (sinc * bessel(BETA * Math.sqrt(1 - inside * inside))) / bessel(BETA);
  }
  return table;
})();

// read(from, n, into) as of a tape; `step` samples of it to one that comes out.
function createResampler(read, step, from) {
  const cut = Math.min(1, 1 / step), reach = CROSSINGS / cut;
  let at = from, scratch = new Float32Array(0);
  return (n, out) => {
    if (step === 1 && Number.isInteger(at)) {
      const missing = read(at, n, out);
      if (missing < 0) at += n;
      return missing;
    }
    const lowest = Math.ceil(at - reach);
    const count = Math.floor(at + (n - 1) * step + reach) - lowest + 1;
    if (scratch.length < count) scratch = new Float32Array(count);
    const missing = read(lowest, count, scratch);
    if (missing >= 0) return missing;
    const scale = cut * FINE;
    for (let i = 0; i < n; i++) {
      const p = at + i * step - lowest;
      const first = Math.max(0, Math.ceil(p - reach)), last = Math.min(count - 1, Math.floor(p + reach));
      let sum = 0;
      for (let k = first; k <= last; k++) {
        const x = Math.abs(p - k) * scale, j = x | 0, part = x - j;
        sum += scratch[k] * (SINC[j] + part * (SINC[j + 1] - SINC[j]));
      }
      out[i] = sum * cut;
    }
    at += n * step;
    return -1;
  };
}
