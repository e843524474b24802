"""What other scanners were told not to report, and how it is taken over."""
