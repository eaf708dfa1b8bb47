"""Configuration: one small Param class per section, read from YAML and arguments."""
