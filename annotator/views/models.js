// Finds a model of the page by its name, or null. While a notebook's page is put in
// anew, the one before is there for a moment too, under the same names: Bokeh throws.
function findModel(view, name) {
  try {
    return view.model.document?.get_model_by_name(name) ?? null;
  } catch {
    return null;
  }
}
