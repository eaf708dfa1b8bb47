// A picture that came as WebP: its grey pixels become the levels of a data source, so that
// palette and contrast stay where they are. Nothing is seen of this element itself.
export function render({ model, el, view }) {
  el.style.display = "none";
  let turn = 0, waiting = 0, stopped = false;
  const levelsOf = async (bytes, NDArray) => {
    // Neither a colour profile nor an alpha channel may touch the numbers.
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/webp" }),
      { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const { width, height } = bitmap;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const { data } = context.getImageData(0, 0, width, height);
    const levels = new Uint8Array(width * height);
    for (let row = 0, k = 0; row < height; row++) { // the first line is the highest row
      for (let at = 4 * (height - 1 - row) * width + 1, end = at + 4 * width; at < end; at += 4) levels[k++] = data[at];
    }
    return new NDArray(levels, [height, width]);
  };
  const put = async () => {
    const mine = ++turn, { fields, webp } = model;
    if (!webp.byteLength) return;
    const source = findModel(view, model.source);
    if (!source) { if (!stopped) waiting = setTimeout(put, 50); return; } // put there a moment later
    const now = source.data instanceof Map ? Object.fromEntries(source.data) : source.data;
    const [image, clear] = ["image", "rgba"].map((name) => Array.from(now[name])[0].constructor);
    const levels = await levelsOf(webp, image);
    if (mine !== turn || stopped) return; // a newer one came meanwhile
    const columns = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value]]));
    source.setv({ data: { ...now, ...columns, image: [levels], rgba: [new clear([0], [1, 1])] } }, { sync: false });
  };
  // The properties arrive one by one: look after the last.
  const later = () => { clearTimeout(waiting); waiting = setTimeout(put, 0); };
  model.on(["count", "fields", "webp"], later);
  model.on("remove", () => { stopped = true; clearTimeout(waiting); });
  later();
}
