"""From key tables to the compiled form, one module for each part of a project."""
