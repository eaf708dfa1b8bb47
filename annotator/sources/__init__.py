"""Where clips come from: the table of detections and the recordings it names."""
