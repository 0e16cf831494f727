"""What the pipeline beside it imports relatively."""

PRICE = 2.5
