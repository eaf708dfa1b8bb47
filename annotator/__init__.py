"""Listen to recordings, say what is in them, sync the answers."""
