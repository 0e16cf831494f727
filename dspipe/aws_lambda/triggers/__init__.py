"""Triggers: one class for each form of event that Lambda hands over."""
