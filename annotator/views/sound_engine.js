// Plays a tape: makes short blocks of what is heard a second ahead, and starts each on
// its sample. Loops, other speeds and pieces that come late need no gap and no worklet
// (which a page from another host without https would not get).

const AHEAD = 1; // s made in advance: the page may be busy drawing that long
const BLOCK = 0.2; // s
const LEAD = 0.03; // s from a click to the first sample

// events: missing(piece), ended().
function createEngine(context, output, events, ahead = AHEAD) {
  const rate = context.sampleRate;
  let job = null, pull = null, blocks = [], made = 0, total = 0, next = 0, timer = 0;

  const frame = () => Math.round(context.currentTime * rate);
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
      node.connect(output);
      node.start(next / rate);
      blocks.push({ node, at: next, n, made });
      made += n;
      next += n;
    }
    const gone = blocks.findIndex((block) => block.at + block.n > frame() - rate);
    if (gone > 0) blocks.splice(0, gone);
    if (made >= total && frame() >= next) return events.ended();
    if (Number.isFinite(ahead)) timer = setTimeout(pump, 50);
  };
  const stop = () => {
    clearTimeout(timer);
    for (const { node } of blocks) { node.stop(); node.disconnect(); }
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
    next = frame() + Math.ceil(Number.isFinite(ahead) ? LEAD * rate : 0);
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
