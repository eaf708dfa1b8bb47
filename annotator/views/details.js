// The part in sight at full detail, above the picture, as long as no more is in sight
// than it was made for. The picture beneath it remains: zooming out needs nobody.
function createDetails(frame) {
  const renderers = frame.figure.renderers.filter((part) => part.name?.startsWith("detail"));
  const source = renderers[0].data_source;
  const draw = () => {
    const get = (column) => Array.from(source.data[column] ?? source.data.get(column))[0];
    const { t0, t1, y0, y1 } = frame.bounds();
    const isOfThis = get("revision") > 0 && get("revision") === frame.picture.revision;
    const isNear = t0 < get("x") + get("dw") && t1 > get("x") && y0 < get("y") + get("dh") && y1 > get("y");
    const isFine = t1 - t0 <= get("dw") * 1.001 && y1 - y0 <= get("dh") * 1.001;
    const visible = isOfThis && isNear && isFine;
    for (const renderer of renderers) if (renderer.visible !== visible) renderer.setv({ visible }, { sync: false });
  };
  source.properties.data.change.connect(draw);
  frame.onpicture(draw);
  return { redraw: draw, stop: () => source.properties.data.change.disconnect(draw) };
}
