"""The form: questions declared in YAML, their answers, and the rules between them."""
