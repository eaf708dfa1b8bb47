// Plays a tape: makes short blocks of what is heard a second ahead, and starts each on
// its sample. Loops, other speeds and pieces that come late need no gap and no worklet
// (which a page from another host without https would not get).

const AHEAD = 1; // s made in advance: the page may be busy drawing that long
const BLOCK = 0.2; // s
const LEAD = 0.03; // s from a click to the first sample
const FADE = 0.003; // s where sound is cut out of its surroundings: no click

// events: missing(piece), ended().
function createEngine(context, output, events, ahead = AHEAD) {
  const rate = context.sampleRate;
  let job = null, pull = null, door = null, blocks = [], made = 0, total = 0, next = 0, timer = 0;

  const frame = () => Math.round(context.currentTime * rate);
  const close = (time) => {
    door.gain.setValueAtTime(1, time);
    door.gain.linearRampToValueAtTime(0, time + FADE);
  };
  const pump = () => {
    clearTimeout(timer);
    while (made < total && next < frame() + ahead * rate) {
      const n = Math.min(Math.round(blocks.length ? BLOCK * rate : BLOCK * rate / 4), total - made);
      const samples = new Float32Array(n);
      const missing = pull(n, samples);
      if (missing >= 0) { events.missing(missing); break; }
      if (next < frame() + 128) next = frame() + Math.ceil(LEAD * rate); // too late
      const buffer = context.createBuffer(1, n, rate);
      buffer.copyToChannel(samples, 0);
      const node = context.createBufferSource();
      node.buffer = buffer;
      node.connect(door);
      node.start(next / rate);
      blocks.push({ node, at: next, n, made });
      made += n;
      next += n;
      if (made >= total && job.span.last < job.tape.length) close(next / rate - FADE);
    }
    const gone = blocks.findIndex((block) => block.at + block.n > frame() - rate);
    if (gone > 0) blocks.splice(0, gone);
    if (made >= total && frame() >= next) return events.ended();
    timer = setTimeout(pump, 50);
  };
  const stop = () => {
    clearTimeout(timer);
    if (!job) return;
    const old = door;
    old.gain.cancelScheduledValues(0);
    close(context.currentTime);
    for (const { node } of blocks) node.stop(context.currentTime + 2 * FADE);
    setTimeout(() => old.disconnect(), 100);
    blocks = [];
    job = null;
  };
  // from: sample of the tape; span: {first, last, loop}; factor: samples of the tape to
  // one of real time at speed 1 and this rate.
  const play = (tape, { from, span, factor, speed, keep_pitch }) => {
    stop();
    const stretched = keep_pitch && speed !== 1;
    const read = (at, n, into) => tape.read(at, n, into, span);
    pull = createResampler(read, stretched ? factor : factor * speed, from);
    if (stretched) pull = createStretch(pull, speed, rate);
    job = { tape, from, span, step: factor * speed };
    made = 0;
    total = span.loop ? Infinity : Math.max(1, Math.round((span.last - from) / job.step));
    next = frame() + Math.ceil(LEAD * rate);
    door = context.createGain();
    door.connect(output);
    if (from > 0) {
      door.gain.setValueAtTime(0, next / rate);
      door.gain.linearRampToValueAtTime(1, next / rate + FADE);
    }
    pump();
  };
  // Sample of the tape that is heard now.
  const position = () => {
    if (!job) return 0;
    const now = (context.currentTime - (context.outputLatency || 0)) * rate;
    let heard = 0;
    for (const { at, n, made: before } of blocks) if (at <= now) heard = before + Math.min(now - at, n);
    const at = job.from + heard * job.step;
    return job.span.loop ? job.tape.wrap(at, job.span) : Math.min(at, job.span.last);
  };
  return { play, stop, pump, position, get playing() { return !!job; } };
}
