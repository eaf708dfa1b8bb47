"""What people see: Panel, HoloViews and Bokeh live here and nowhere beneath."""
