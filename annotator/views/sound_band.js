// What the sound passes on its way to the loudspeaker: the box's band, gain, limiter.

const ORDER = 8; // of the high-pass, and of the low-pass
const EDGE_LOSS = 0.2; // dB at an edge of the band, of each of the two
const LIMIT = { threshold: -3, knee: 0, ratio: 20, attack: 0.002, release: 0.15 };

// A Butterworth filter of order n is n/2 biquads of one cut-off and the quality factors
// 1 / (2 sin((2k + 1) pi / 2n)) (Oppenheim & Schafer, "Discrete-Time Signal Processing",
// 7.1). A browser takes that of a high-pass or low-pass in dB.
const QUALITIES = Array.from({ length: ORDER / 2 }, (_, k) =>
  -20 * Math.log10(2 * Math.sin(((2 * k + 1) * Math.PI) / (2 * ORDER))));

// |H|^2 = 1 / (1 + (tan(pi f / rate) / tan(pi cutoff / rate))^2n), after the bilinear
// transform: the cut-off that leaves the edge of the band within EDGE_LOSS.
function cutoff(edge, rate, type) {
  const spread = (10 ** (EDGE_LOSS / 10) - 1) ** (1 / (2 * ORDER));
  const tan = Math.tan((Math.PI * edge) / rate);
  return (rate / Math.PI) * Math.atan(type === "highpass" ? tan * spread : tan / spread);
}

// The browser's compressor adds (1 / its gain at full scale)^0.6 by itself
// (webaudio.github.io/web-audio-api, "makeup gain"); this takes it away again.
const MAKEUP = 10 ** ((-0.6 * -(LIMIT.threshold - LIMIT.threshold / LIMIT.ratio)) / 20);

function createChain(context) {
  const half = context.sampleRate / 2;
  const input = context.createGain(), level = context.createGain(), even = context.createGain();
  const limiter = context.createDynamicsCompressor(), ceiling = context.createWaveShaper();
  for (const [name, value] of Object.entries(LIMIT)) limiter[name].value = value;
  even.gain.value = MAKEUP;
  ceiling.curve = new Float32Array([-1, 0, 1]); // beyond full scale it is flat
  limiter.connect(even).connect(ceiling);
  ceiling.connect(context.destination);
  let filters = [], shape = null; // null: not wired yet

  const wire = (types, limits) => {
    for (const node of [input, ...filters, level]) node.disconnect();
    filters = types.flatMap((type) => QUALITIES.map((quality) => {
      const node = context.createBiquadFilter();
      node.type = type;
      node.Q.value = quality;
      return node;
    }));
    [input, ...filters, level].reduce((from, to) => from.connect(to));
    level.connect(limits ? limiter : ceiling);
  };

  // low, high: Hz as they are heard, null: no such edge; gain: dB.
  const set = ({ low, high, gain }) => {
    const deaf = low !== null && low >= half; // the band is beyond what can be heard
    const edges = {};
    if (low > 0 && !deaf) edges.highpass = low;
    if (high !== null && high < half && !deaf) edges.lowpass = Math.max(high, 1);
    const wanted = [...Object.keys(edges), gain > 0 ? "limit" : ""].join();
    if (wanted !== shape) wire(Object.keys(edges), gain > 0);
    shape = wanted;
    for (const node of filters) node.frequency.value = cutoff(edges[node.type], context.sampleRate, node.type);
    level.gain.value = deaf ? 0 : 10 ** (gain / 20);
  };
  return { input, set };
}
