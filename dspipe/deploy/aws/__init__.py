"""What AWS holds and does for a deployment, behind one seam."""
