// A clip's samples, as they have come, read as if they were one long tape.

const KEPT = 24e6; // samples at most, 48 MB: what is farthest from the playhead goes first

// span = {first, last, loop}: where reading goes round. Samples are numbered from the
// first of the clip; beyond `last` of a loop the count goes on, and wraps here.
function createTape({ length, piece_length }) {
  const pieces = new Map();
  const tape = { length, touched: 0 };

  tape.has = (index) => pieces.has(index) || index < 0 || index * piece_length >= length;
  tape.pieceAt = (sample) => Math.floor(Math.min(Math.max(sample, 0), Math.max(length - 1, 0)) / piece_length);

  tape.put = (index, samples) => {
    // Exactly as long as it must be: what a decoder adds or loses is at the end.
    const n = Math.min(piece_length, length - index * piece_length);
    if (n <= 0) return;
    const piece = new Int16Array(n);
    if (samples instanceof Int16Array) piece.set(samples.subarray(0, n));
    else for (let i = 0; i < Math.min(n, samples.length); i++) {
      piece[i] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768)));
    }
    pieces.set(index, piece);
    while (pieces.size > 2 && pieces.size * piece_length > KEPT) {
      const far = [...pieces.keys()].reduce((a, b) => Math.abs(b - tape.touched) > Math.abs(a - tape.touched) ? b : a);
      if (far === index) break;
      pieces.delete(far);
    }
  };

  tape.wrap = (sample, { first, last, loop }) =>
    loop && sample >= last ? first + ((sample - first) % (last - first)) : sample;

  // Fills `into` with n samples from `from` on; -1, or the piece that is not there yet.
  tape.read = (from, n, into, span) => {
    let done = 0;
    while (done < n) {
      const at = tape.wrap(from + done, span);
      let run = n - done;
      if (span.loop) run = Math.min(run, span.last - at);
      if (at < 0 || at >= length) {
        if (at < 0) run = Math.min(run, -at);
        into.fill(0, done, done + run);
      } else {
        const index = Math.floor(at / piece_length), piece = pieces.get(index);
        if (!piece) return index;
        const skip = at - index * piece_length;
        run = Math.min(run, piece.length - skip);
        for (let i = 0; i < run; i++) into[done + i] = piece[skip + i] / 32768;
        tape.touched = index;
      }
      done += run;
    }
    return -1;
  };
  return tape;
}
