"""DataRobot over plain HTTP: its own client takes half a second to import, and guesses types."""
