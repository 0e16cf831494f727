"""The repository: which of its files ship, and the run that its pipeline comes to here."""
