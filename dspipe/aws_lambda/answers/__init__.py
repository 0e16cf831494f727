"""Answers: their forms, their limits, and failures as a sender may know them."""
