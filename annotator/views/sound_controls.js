// The row of controls beneath the spectrogram: plain HTML, reachable by keyboard.

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4];
const EXPANSIONS = [0, 1, 2, 5, 10, 20];
const HETERODYNE = -1;
const AUDIBLE = 48000; // Hz: up to this sample rate all can be heard as it is

const ICONS = { // 24 x 24
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zm8 0h4v14h-4z",
  pitch: "M12 3v10.55A4 4 0 1 0 14 17V7h4V3z",
  loop: "M7 7h10v3l4-4-4-4v3H5v6h2zm10 10H7v-3l-4 4 4 4v-3h12v-6h-2z",
  band: "M3 3h4v2H5v2H3zm14 0h4v4h-2V5h-2zM3 17h2v2h2v2H3zm16 0h2v4h-4v-2h2zM7 9h2v6H7zm4-2h2v10h-2zm4 3h2v4h-2z",
  gain: "M3 9v6h4l5 5V4L7 9zm11 .2v5.6a3.5 3.5 0 0 0 0-5.6zm0-5v2.1a6.5 6.5 0 0 1 0 11.4v2.1a8.5 8.5 0 0 0 0-15.6z",
  autoplay: "M4 6v12l8-6zm9 0v12l8-6z",
};

function createIcon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// After a click the keys are the dashboard's again; whoever came by Tab stays.
function giveBackKeys(element) {
  for (let node = element; node; node = node.getRootNode()?.host) {
    const keys = node.closest?.("[data-keys]");
    if (keys) return keys.focus({ preventScroll: true });
  }
}

function createControls(model) {
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const group = (name, ...children) => make("span", { className: `group ${name}` }, ...children);
  const label = (element, text, title = text) => {
    element.setAttribute("aria-label", text);
    element.title = title;
    return element;
  };
  let byMouse = false; // whether the last touch of a control was a pointer's
  const kept = (element) => {
    element.addEventListener("pointerdown", () => { byMouse = true; });
    element.addEventListener("keydown", () => { byMouse = false; });
    element.addEventListener("change", () => { if (byMouse) giveBackKeys(element); });
    return element;
  };

  const play = make("button", { className: "play", type: "button" });
  play.onclick = () => { model.playing = !model.playing; };
  const time = make("span", { className: "time" });

  const choice = (name, items, shown) =>
    kept(make("select", { className: name }, ...items.map((value) => make("option", { value, textContent: shown(value) }))));
  const speed = label(choice("speed", SPEEDS, (v) => `${v}×`), "Speed");
  speed.onchange = () => { model.speed = Number(speed.value); };

  const toggles = [];
  const toggle = (name, text, title) => {
    const button = label(make("button", { className: `toggle ${name}`, type: "button" }, createIcon(name)), text, title);
    const property = name === "pitch" ? "keep_pitch" : name;
    button.onclick = () => { model[property] = !model[property]; };
    toggles.push(() => button.setAttribute("aria-pressed", String(model[property])));
    return button;
  };
  const pitch = toggle("pitch", "Keep the pitch", "Keep the pitch at other speeds");
  const loop = toggle("loop", "Loop", "Loop: the selection, or what is in sight");
  const band = toggle("band", "Box only", "Box only: play the selected time and frequencies");
  const autoplay = toggle("autoplay", "Autoplay", "Autoplay: play each clip as it is shown");

  const gain = label(kept(make("input", { type: "range", className: "gain", min: -30, max: 40, step: 1 })), "Gain");
  gain.title = "Gain, dB (double click: 0 dB); a limiter guards what is loud";
  const decibels = make("output", { className: "decibels" });
  gain.oninput = () => { model.gain = Number(gain.value); };
  gain.ondblclick = () => { model.gain = 0; };

  const name = (v) => v === HETERODYNE ? "Heterodyne" : v === 0 ? "Automatic" : v === 1 ? "As it is" : `Slowed ×${v}`;
  const mode = label(choice("mode", [...EXPANSIONS, HETERODYNE], name), "Ultrasound", "How ultrasound is made audible");
  mode.onchange = () => {
    const value = Number(mode.value);
    model.heterodyne = value === HETERODYNE;
    if (value !== HETERODYNE) model.expansion = value;
  };
  const carrier = label(kept(make("input", { type: "number", className: "carrier", min: 1, max: 500, step: 0.5 })), "Carrier, kHz");
  let typed = false; // news must not take the number away that somebody is typing
  carrier.oninput = () => { typed = true; };
  carrier.onchange = () => {
    typed = false;
    const hertz = 1000 * Number(carrier.value);
    if (hertz >= 1000 && hertz <= 500000) model.carrier = hertz;
    draw();
  };
  carrier.addEventListener("blur", () => { typed = false; draw(); });
  const kilohertz = group("kilohertz", carrier, make("span", { textContent: "kHz" }));
  const ultrasound = group("ultrasound", mode, kilohertz);

  const bar = make("div", { className: "bar" },
    play, time, group("pace", speed, pitch), group("span", loop, band),
    group("level", createIcon("gain"), gain, decibels), ultrasound, autoplay);
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Sound");

  let sound = null;
  const draw = () => {
    play.replaceChildren(createIcon(model.playing ? "pause" : "play"));
    label(play, model.playing ? "Pause" : "Play", model.playing ? "Pause (Space)" : "Play (Space); from the start: Shift+Space");
    play.disabled = !sound;
    if (!SPEEDS.includes(model.speed)) {
      const own = [...speed.options].find((option) => Number(option.value) === model.speed);
      if (!own) speed.append(make("option", { value: model.speed, textContent: `${model.speed}×` }));
    }
    speed.value = String(model.speed);
    toggles.forEach((drawToggle) => drawToggle());
    pitch.disabled = model.speed === 1;
    gain.value = model.gain;
    decibels.textContent = `${model.gain > 0 ? "+" : ""}${Math.round(model.gain)} dB`;
    ultrasound.hidden = !(sound?.sample_rate > AUDIBLE);
    mode.value = String(model.heterodyne ? HETERODYNE : model.expansion);
    mode.options[0].textContent = sound?.expansion > 1 && !model.expansion ? `Automatic (×${sound.expansion})` : "Automatic";
    kilohertz.hidden = !model.heterodyne;
    if (!typed) carrier.value = model.carrier / 1000;
  };
  const clock = (s) => `${Math.floor(Math.max(s, 0) / 60)}:${(Math.max(s, 0) % 60).toFixed(2).padStart(5, "0")}`;
  const drawTime = (at, end) => { time.textContent = end === null ? "–" : `${clock(at)} / ${clock(end)}`; };
  return { bar, draw, drawTime, setSound(value) { sound = value; draw(); } };
}
