// Colours and contrast: what the bytes of the picture look like. No byte is sent for it.
const DARKEST = 0.1, BRIGHTEST = 0.999; // shares of the picture below, in auto contrast
const LEAST_SPAN = 20; // dB between the two

function createLevels(frame, model) {
  const mapper = frame.figure.renderers.find((part) => part.name === "picture").glyph.color_mapper;
  const percentiles = (perDecibel) => {
    const [pixels] = Array.from(frame.source.data.image ?? frame.source.data.get("image"));
    const counts = new Uint32Array(256);
    for (let i = 0; i < pixels.length; i++) counts[pixels[i]]++;
    counts[0] = 0; // silence of the machine, not of the place
    const total = counts.reduce((sum, count) => sum + count, 0);
    const at = (share) => {
      let level = 0;
      for (let below = counts[0]; level < 255 && below < share * total;) below += counts[++level];
      return level;
    };
    const low = total ? at(DARKEST) : 0, high = total ? at(BRIGHTEST) : 255;
    return [Math.min(low, 255 - LEAST_SPAN * perDecibel), Math.max(high, low + LEAST_SPAN * perDecibel)];
  };
  const draw = () => {
    const perDecibel = 255 / frame.picture.decibels;
    const [floor, ceiling] = Array.from(model.contrast);
    const [low, high] = model.auto_contrast && frame.picture.clip
      ? percentiles(perDecibel) : [255 + floor * perDecibel, 255 + ceiling * perDecibel];
    const palette = model.palettes[model.palette];
    // A palette is a thousand numbers to the mapper: only when it is another one.
    const colours = palette && palette[128] !== mapper.palette[128] ? { palette } : {};
    mapper.setv({ low, high: Math.max(high, low + 1), ...colours }, { sync: false });
  };
  frame.onpicture(draw);
  model.on(["auto_contrast", "contrast", "palette"], draw);
  draw();
  return {};
}
