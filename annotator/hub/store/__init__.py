"""The hub's database: one module per noun, and no unchecked way to a project."""
