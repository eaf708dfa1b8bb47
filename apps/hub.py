"""A team's hub: annotator hub serve."""

import panel as pn

from annotator.hub.server.visit import current_visit

visit = current_visit()
said = f"Signed in as {visit.user.name}" if visit else "Start it: annotator hub serve"
pn.pane.Str(said).servable(title="Annotator hub")
