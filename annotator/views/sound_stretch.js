// Slower or faster at the same pitch: WSOLA (Verhelst & Roelands, ICASSP 1993). Windows
// of the sound are laid over each other at another distance; each is moved by a few
// milliseconds, to where it goes on best from the one before.

const WINDOW = 0.04; // s
const SEARCH = 0.01; // s each way: longer than half a period of 60 Hz

// pull(n, out) gives the next n samples of the sound, -1, or the piece that is missing.
function createStretch(pull, speed, rate) {
  const half = Math.round((WINDOW / 2) * rate), reach = Math.round(SEARCH * rate);
  const rise = Float32Array.from({ length: half }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / half));
  const tail = new Float32Array(half); // what the last window still gives
  const block = new Float32Array(half);
  const fresh = new Float32Array(half);
  let sound = new Float32Array(16 * half), start = 0, end = 0; // samples start..end are in it
  let frame = 0, next = 0, left = 0; // next: where the last window would go on

  const reachTo = (wanted) => {
    while (end < wanted) {
      const missing = pull(half, fresh);
      if (missing >= 0) return missing;
      if (end - start + half > sound.length) {
        const longer = new Float32Array(2 * sound.length);
        longer.set(sound);
        sound = longer;
      }
      sound.set(fresh, end - start);
      end += half;
    }
    return -1;
  };
  const forget = (before) => {
    if (before - start < 4 * half) return;
    sound.copyWithin(0, before - start, end - start);
    start = before;
  };
  // The likeness of two stretches is their normalized correlation; each third sample
  // tells enough.
  const bestFit = (ideal) => {
    const a = next - start, lowest = Math.max(ideal - reach, start) - start;
    let best = ideal, most = -Infinity;
    for (let b = lowest; b <= ideal + reach - start; b++) {
      let cross = 0, energy = 1e-9;
      for (let i = 0; i < half; i += 3) {
        const y = sound[b + i];
        cross += sound[a + i] * y;
        energy += y * y;
      }
      const likeness = cross / Math.sqrt(energy);
      if (likeness > most) { most = likeness; best = b + start; }
    }
    return best;
  };
  const makeBlock = () => {
    const ideal = Math.round(frame * half * speed);
    const missing = reachTo(Math.max(ideal + reach, next) + 2 * half);
    if (missing >= 0) return missing;
    if (frame === 0) for (let i = 0; i < half; i++) tail[i] = sound[i] * (1 - rise[i]);
    const at = frame === 0 ? 0 : bestFit(ideal);
    for (let i = 0; i < half; i++) {
      block[i] = tail[i] + sound[at - start + i] * rise[i];
      tail[i] = sound[at - start + half + i] * (1 - rise[i]);
    }
    next = at + half;
    frame += 1;
    forget(Math.max(0, Math.min(next, Math.round(frame * half * speed) - reach)));
    return -1;
  };

  let held = new Float32Array(0), filled = 0; // of a block that has to wait for a piece
  return (n, out) => {
    if (held.length < n) { const longer = new Float32Array(n); longer.set(held); held = longer; }
    while (filled < n) {
      if (left === 0) {
        const missing = makeBlock();
        if (missing >= 0) return missing;
        left = half;
      }
      const run = Math.min(left, n - filled);
      held.set(block.subarray(half - left, half - left + run), filled);
      left -= run;
      filled += run;
    }
    out.set(held.subarray(0, n));
    filled = 0;
    return -1;
  };
}
