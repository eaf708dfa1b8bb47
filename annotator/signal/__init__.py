"""Arrays and decibels: spectrograms, and the scales they are drawn on."""
