"""Settings of a deployment: read, checked as a whole, and refused in words."""
