// The marks as this browser knows them. It draws at once and tells Python, which answers
// with all marks and the number of the last message it had by then: what was done here
// since stays as it is, whenever the answer comes.
function createMarkState(frame, model, shapes, actions, changed) {
  const marks = () => model.marks;
  let seq = marks().seq ?? 0, gesture = 0, visit = marks().visit, asked = marks().add ?? 0;
  let active = marks().active ?? "", activeSeq = 0, dragged = null;
  let pending = []; // drawn, and not named by Python yet: { box, seq }
  const local = new Map(); // key -> { edges, seq }; edges null: removed

  // Nothing belongs on the picture of another clip, or of another part of the recording.
  const isHere = () => !!marks().tool && !!frame.picture.clip && frame.picture.clip === marks().clip;
  const isOpen = () => isHere() && !marks().read_only;
  const boxes = () => {
    if (!isHere()) return [];
    const known = (marks().boxes ?? []).filter(({ key }) => local.get(key)?.edges !== null)
      .map((box) => ({ ...shapes.placed(box), ...local.get(box.key)?.edges }));
    const fresh = pending.filter(({ box }) => local.get(box.key)?.edges !== null)
      .map(({ box }) => ({ ...box, ...local.get(box.key)?.edges }));
    return [...(fresh.length && marks().single ? [] : known), ...fresh].map(shapes.ordered);
  };
  const tell = (type, detail) => {
    seq += 1;
    actions.send(type, { ...detail, seq, visit, scale: frame.picture.scale });
    return seq;
  };
  const hold = (key) => { active = key; activeSeq = seq; };

  const state = {
    isHere, isOpen, boxes,
    get active() { return active; },
    inHand: () => boxes().find(({ key }) => key === active),
    // A key that is held down is one movement, like a drag: it is taken back as one.
    gesture: (event) => event?.repeat ? gesture : ++gesture,
    activate(key) {
      if (key === active) return;
      tell("region-activate", { key });
      hold(key);
      changed();
    },
    // Edges that move; those of a drag that goes on are kept until it ends.
    change(key, edges, mine, { tells = true, rests = true } = {}) {
      const all = { ...local.get(key)?.edges, ...edges };
      if (tells) tell("region-change", { key, gesture: mine, edges });
      hold(key);
      dragged = rests ? null : key;
      local.set(key, { edges: all, seq });
      changed();
    },
    letBe(key) { local.delete(key); dragged = null; changed(); },
    add(edges) {
      tell("region-add", { gesture: state.gesture(), edges });
      pending.push({ box: { key: `new-${seq}`, label: "", ...edges }, seq });
      hold(`new-${seq}`);
      changed();
    },
    remove(key) {
      tell("region-remove", { key });
      local.set(key, { edges: null, seq });
      if (active === key) hold("");
      changed();
    },
    turn: (type) => { tell(type, {}); },
    // Python's answer. Returns whether another clip came, and whether a mark is asked for.
    take() {
      const now = marks(), isNew = now.visit !== visit, isKnown = (one) => one.seq <= (now.seq ?? 0);
      if (isNew) { visit = now.visit; local.clear(); pending = []; dragged = null; activeSeq = 0; }
      // What was done to a new mark before it had its name goes on under it.
      for (const { box, seq: drawn } of pending) {
        const name = now.names?.[drawn];
        if (!name) continue;
        if (local.has(box.key)) local.set(name, local.get(box.key));
        local.delete(box.key);
        if (active === box.key) active = name;
      }
      pending = pending.filter((one) => !isKnown(one));
      for (const [key, one] of local) if (key !== dragged && isKnown(one)) local.delete(key);
      if (activeSeq <= (now.seq ?? 0) && dragged === null) active = now.active ?? "";
      const isAsked = (now.add ?? 0) > asked;
      asked = now.add ?? 0;
      return { isNew, isAsked };
    },
  };
  return state;
}
