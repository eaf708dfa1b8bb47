"""`annotator hub serve`: the pages, the REST API and the log-in, in one process."""
