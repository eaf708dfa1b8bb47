// The buffer before and after the clip is shaded, in one stroke with the picture.
function createShade(frame) {
  const [before, after] = ["before", "after"].map((name) => frame.figure.center.find((part) => part.name === name));
  const draw = () => {
    before.setv({ right: frame.picture.clipStart }, { sync: false });
    after.setv({ left: frame.picture.clipEnd }, { sync: false });
  };
  frame.onpicture(draw);
  return {};
}
