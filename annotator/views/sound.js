// Plays the clip and moves the playhead once per animation frame, in the browser alone:
// the playhead is a Span on the overlay level, so the picture beneath is not drawn again.
export function render({ model, el, view }) {
  const button = document.createElement("button");
  button.className = "play";
  const time = document.createElement("span");
  time.className = "time";
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.append(button, time);
  el.append(bar);

  let context, buffer, source, startedAt = 0, from = 0, at = model.clip_start, frame = 0;
  const end = () => model.start_time + (buffer ? buffer.duration : 0);
  const lookup = (name) => view.model.document?.get_model_by_name(name);
  const clock = (s) => `${Math.floor(Math.max(s, 0) / 60)}:${(Math.max(s, 0) % 60).toFixed(2).padStart(5, "0")}`;

  const draw = () => {
    time.textContent = buffer ? `${clock(at)} / ${clock(end())}` : "–";
    lookup(model.playhead)?.setv({ location: at, visible: !!buffer }, { sync: false });
  };
  const drawButton = () => {
    button.textContent = model.playing ? "❚❚" : "▶";
    button.title = model.playing ? "Pause (Space)" : "Play (Space)";
    button.setAttribute("aria-label", model.playing ? "Pause" : "Play");
    button.disabled = !buffer;
  };
  const now = () => Math.min(from + Math.max(0, context.currentTime - startedAt), end());
  const tick = () => {
    at = now();
    draw();
    if (at >= end() - 1e-3) return stop(true);
    frame = requestAnimationFrame(tick);
  };
  const silence = () => {
    cancelAnimationFrame(frame);
    if (source) { source.onended = null; source.stop(); source.disconnect(); source = null; }
  };
  const start = () => {
    if (!buffer) { model.playing = false; return; }
    context.resume();
    silence();
    if (at < model.start_time || at >= end() - 0.02) at = model.clip_start;
    source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    from = at;
    startedAt = context.currentTime;
    source.start(0, at - model.start_time);
    frame = requestAnimationFrame(tick);
  };
  const stop = (atEnd) => {
    silence();
    if (atEnd) at = model.clip_start;
    if (model.playing) model.playing = false;
    model.position = at;
    draw();
  };
  const seek = (t) => {
    if (!buffer) return;
    at = Math.min(Math.max(t, model.start_time), end());
    if (model.playing) start(); else { model.position = at; draw(); }
  };

  const load = () => {
    const bytes = model.audio;
    silence();
    buffer = null;
    if (bytes && bytes.byteLength > 1) {
      context ??= new AudioContext();
      const pcm = new Int16Array(bytes.slice ? bytes.slice(0) : bytes);
      // A browser refuses buffers below 3 kHz: such sound is drawn out by straight lines.
      const factor = Math.max(1, Math.ceil(8000 / model.sample_rate));
      buffer = context.createBuffer(1, pcm.length * factor, model.sample_rate * factor);
      const samples = buffer.getChannelData(0);
      for (let i = 0; i < samples.length; i++) {
        const k = Math.floor(i / factor), part = (i % factor) / factor;
        samples[i] = (pcm[k] * (1 - part) + (pcm[k + 1] ?? pcm[k]) * part) / 32768;
      }
    }
    at = model.clip_start;
    if (model.playing) model.playing = false;
    drawButton();
    draw();
  };
  button.onclick = () => { model.playing = !model.playing; };
  model.on("playing", () => { drawButton(); if (model.playing) start(); else if (source) stop(false); });
  // A clip's properties arrive one by one, in no order to rely on: load after the last.
  let waiting = 0;
  model.on(["audio", "sample_rate", "start_time", "clip_start", "revision"], () => {
    clearTimeout(waiting);
    waiting = setTimeout(load, 0);
  });
  model.on("seek", () => seek(model.seek));
  model.on("restart", () => { at = model.start_time; if (model.playing) start(); else model.playing = true; });
  model.on("remove", () => { silence(); context?.close(); });
  // The picture stands in the same document, but may be put there a moment after this.
  const listen = () => {
    const figure = lookup(model.figure);
    if (figure) figure.on_event("tap", (event) => seek(event.x)); else setTimeout(listen, 50);
  };
  listen();
  load();
}
