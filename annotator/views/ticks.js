// The frequency axis: round numbers of what is in sight, on every scale, in kHz.
function createTicks(frame) {
  const axis = frame.figure.left.find((side) => side.ticker && side.major_label_overrides);
  const even = (low, high, count) => {
    const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((lead) => lead * power >= rough * 0.999) * power;
    const ticks = [];
    for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-12); k++) ticks.push(+(k * step).toPrecision(12));
    return ticks;
  };
  // Of 1, 2, 5, 10 ... Hz those that stand well apart on the screen.
  const spread = (low, high, place, gap) => {
    const chosen = [];
    const top = Math.ceil(Math.log10(Math.max(high, 1))) + 1;
    const candidates = [0];
    for (const lead of [1, 5, 2]) for (let n = top; n >= 0; n--) candidates.push(lead * 10 ** n);
    for (const hz of candidates) {
      if (hz >= low && hz <= high * (1 + 1e-9) && chosen.every((other) => Math.abs(place(other) - place(hz)) >= gap)) chosen.push(hz);
    }
    return chosen.sort((a, b) => a - b);
  };
  const choose = () => {
    const { y0, y1 } = frame.bounds(), count = Math.max(3, Math.round(frame.height / 45));
    if (!frame.picture.isFrequency) return even(y0, y1, count).map((at) => [at, String(at)]);
    const low = frame.hz(y0), high = frame.hz(y1);
    if (!(high > low)) return [];
    let hz = even(low, high, count);
    if (!frame.picture.isLinear) {
      const apart = spread(low, high, (f) => frame.y(frame.fromHz(f)), 26);
      // A narrow view may hold no 1, 2 or 5: there the axis is nearly straight.
      if (apart.length >= Math.min(4, count)) hz = apart;
    }
    return hz.map((f) => [frame.fromHz(f), String(+(f / 1000).toPrecision(10))]);
  };
  let shown = "";
  const draw = () => {
    if (!axis) return;
    const ticks = choose(), key = JSON.stringify(ticks);
    if (key === shown) return;
    shown = key;
    axis.setv({ major_label_overrides: new Map(ticks), axis_label: frame.picture.label }, { sync: false });
    axis.ticker.setv({ ticks: ticks.map(([at]) => at) }, { sync: false });
  };
  return { redraw: draw };
}
