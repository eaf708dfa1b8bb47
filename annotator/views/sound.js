// The player: puts clips in, plays what is asked for, and moves the playhead once per
// animation frame, in the browser alone. The playhead is a Span on the overlay level, so
// the picture beneath is not drawn again.
export function render({ model, el, view }) {
  const controls = createControls(model);
  el.append(controls.bar);

  let sound = null, tape = null, context = null, chain = null, engine = null;
  let at = 0, boxed = false, frame = 0, later = 0, played = [], asked = new Set();
  const quietly = (changes) => view.model.data.setv(changes, { sync: false });
  const clamp = (t, low, high) => Math.min(Math.max(t, low), high);

  // What is played: a selection, or what is in sight. Seconds.
  const selected = () => {
    const [start, end] = model.selection;
    if (!sound || !(end > start) || end <= sound.start_time || start >= sound.end_time) return null;
    return [Math.max(start, sound.start_time), Math.min(end, sound.end_time)];
  };
  const inSight = () => {
    const [start, end] = model.in_sight.length === 2 ? model.in_sight : [-Infinity, Infinity];
    const span = [Math.max(start, sound.start_time), Math.min(end, sound.end_time)];
    return span[1] > span[0] ? span : [sound.start_time, sound.end_time];
  };
  const isBoxed = () => !!selected() && (boxed || model.band || model.loop);
  const span = () => (isBoxed() ? selected() : inSight());
  const origin = () => {
    const [start, end] = span();
    return sound.clip_start > start && sound.clip_start < end ? sound.clip_start : start;
  };

  const draw = () => {
    controls.drawTime(at, sound && sound.end_time);
    findModel(view, model.playhead)?.setv({ location: at, visible: !!sound }, { sync: false });
  };
  const tune = () => {
    if (!chain) return;
    const filtered = selected() && (boxed || model.band) && sound;
    // A box's frequencies are heard as much lower as the sound is slower.
    const slower = (sound?.expansion ?? 1) / (model.keep_pitch ? 1 : model.speed);
    let [, , low = null, high = null] = filtered ? model.selection : [];
    if (low !== null && high !== null && sound.carrier) {
      const edges = [Math.abs(low - sound.carrier), Math.abs(high - sound.carrier)];
      [low, high] = [low < sound.carrier && high > sound.carrier ? 0 : Math.min(...edges), Math.max(...edges)];
    }
    chain.set({ low: low === null ? null : low / slower, high: high === null ? null : high / slower, gain: model.gain });
  };

  const request = (index) => {
    if (!sound || tape.has(index) || asked.has(index)) return;
    asked.add(index);
    model.send_msg({ type: "piece", revision: sound.revision, index });
  };
  const seconds = (sample) => sound.start_time + sample / sound.rate;
  const samples = (time) => Math.round((time - sound.start_time) * sound.rate);
  const tick = () => {
    if (!engine?.playing) return;
    at = clamp(seconds(engine.position()), sound.start_time, sound.end_time);
    draw();
    request(tape.touched + 1);
    frame = requestAnimationFrame(tick);
  };
  const silence = () => {
    clearTimeout(later);
    cancelAnimationFrame(frame);
    engine?.stop();
  };
  const finish = () => {
    at = origin();
    if (!model.playing) return;
    boxed = false;
    model.playing = false; // which stops
  };
  const open = () => {
    context = new AudioContext();
    chain = createChain(context);
    engine = createEngine(context, chain.input, { missing: request, ended: finish });
  };
  const start = () => {
    if (!sound) { model.playing = false; return; }
    if (!context) open();
    context.resume().catch(() => {});
    silence();
    const [from, to] = span();
    played = [isBoxed(), from, to];
    if (at < from || at >= to - Math.min(0.02, (to - from) / 2)) at = isBoxed() ? from : origin();
    tune();
    const first = clamp(samples(from), 0, tape.length), last = clamp(samples(to), first + 1, tape.length);
    engine.play(tape, {
      from: clamp(samples(at), first, last - 1),
      span: { first, last, loop: model.loop },
      factor: sound.rate / (sound.expansion * context.sampleRate),
      speed: model.speed,
      keep_pitch: model.keep_pitch,
    });
    frame = requestAnimationFrame(tick);
  };
  // Soon, not at once: a playhead or an edge that is dragged makes news at each step.
  const restart = () => {
    if (!model.playing) return;
    silence();
    later = setTimeout(start, 40);
  };
  const stop = () => {
    silence();
    model.position = at;
    draw();
  };
  const seek = (time) => {
    if (!sound || time === null) return;
    const inside = selected();
    if (inside && (time < inside[0] || time >= inside[1])) boxed = false;
    at = clamp(time, sound.start_time, sound.end_time);
    draw();
    restart();
  };

  const load = (fresh) => {
    silence();
    const same = fresh.clip !== undefined && fresh.clip === sound?.clip; // heard in another way
    sound = fresh.length > 0 ? fresh : null;
    tape = sound && createTape(sound);
    asked = new Set([fresh.first]); // comes by itself
    if (sound && !same) { boxed = false; at = sound.clip_start; }
    if (!same && model.playing) model.playing = false;
    controls.setSound(sound);
    draw();
    if (!sound) return;
    request(tape.pieceAt(samples(at)));
    tune();
    if (same) restart();
    // A browser lets a page sound only after a person has touched it.
    else if (model.autoplay && navigator.userActivation?.hasBeenActive !== false) model.playing = true;
  };
  const take = async ({ revision, index, data, codec_rate, skip, length }) => {
    if (!data || revision !== sound?.revision) return;
    let piece;
    if (!codec_rate) piece = new Int16Array(data.slice(0));
    else {
      const decoder = new OfflineAudioContext(1, 1, codec_rate);
      const decoded = (await decoder.decodeAudioData(data.slice(0))).getChannelData(0);
      piece = decoded.subarray(skip, skip + length);
      if (revision !== sound?.revision) return;
    }
    tape.put(index, piece);
    asked.delete(index);
    if (engine?.playing) engine.pump();
  };

  model.on("playing", () => { controls.draw(); if (model.playing) start(); else stop(); });
  model.on("sound", () => load(model.sound));
  model.on("piece", () => take(model.piece));
  // Set back at once, so that going to the same place again is news too.
  model.on("seek", () => { const time = model.seek; if (time !== null) { quietly({ seek: null }); seek(time); } });
  model.on("restart", () => { if (sound) { at = span()[0]; if (model.playing) start(); else model.playing = true; } });
  model.on("play_selection", () => {
    if (!selected()) return;
    boxed = true;
    at = selected()[0];
    if (model.playing) start(); else model.playing = true;
  });
  model.on("selection", () => {
    if (!selected()) boxed = false;
    tune();
    const now = sound ? [isBoxed(), ...span()] : [];
    if ((now[0] || played[0]) && String(now) !== String(played)) restart();
  });
  model.on(["gain", "band", "loop", "speed", "keep_pitch", "expansion", "heterodyne", "carrier", "autoplay"], controls.draw);
  model.on("gain", tune);
  model.on(["band", "loop", "speed", "keep_pitch"], () => { tune(); restart(); });
  model.on("remove", () => { silence(); context?.close(); context = null; engine = null; });
  load(model.sound);
  if (model.piece.index === sound?.first) take(model.piece);
  else if (sound) { asked.clear(); request(sound.first); }
}
