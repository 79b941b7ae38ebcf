"""Train, export and measure the shipped reader."""
