"""The headless state of one review: which clip, what is answered, what is next."""
