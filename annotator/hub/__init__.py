"""The hub: a team's projects, annotations and tokens in one place.

`client` speaks to a hub from a script or a notebook and needs nothing but the standard
library and requests; `store`, `api`, `server` and `pages` are the hub itself.
"""
