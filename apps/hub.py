"""A team's hub: annotator hub serve."""

from annotator.app.hub_review import ReviewMaker
from annotator.hub.pages.page import hub_page
from annotator.hub.places import Places
from annotator.hub.server.visit import current_visit

places = Places.from_environment()
page = hub_page(current_visit(), make_review=ReviewMaker(places), places=places)
page.servable(title="Annotator hub")
