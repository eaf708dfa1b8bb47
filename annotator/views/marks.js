// What is drawn upon the picture.
function createMarks(_frame, _model, _actions) {
  return {};
}
