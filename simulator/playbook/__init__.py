"""The playbook language: strict YAML becomes a checked model, and a plan in which only chance is left to decide."""
