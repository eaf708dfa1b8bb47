"""The pages of the hub: tokens, projects, and what one does with a project.

Views hold no truth: they ask the store, each time as the signed-in person.
"""
