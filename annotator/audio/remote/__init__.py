"""Parts of recordings in a store: what to fetch, and what was fetched already."""
